"""Codes by e-mail, through SES."""

from heliograph import aws, config

SUBJECTS = {"confirm": "Confirm your Heliograph account", "reset": "Reset your Heliograph password"}


class MailSettings(config.Settings):
    mail_sender: str


def send_code(address: str, purpose: str, code: str, *, minutes: int) -> None:
    """Send a one-time code. SES failures reach the caller."""
    text = f"Your code is {code}\n\nIt is good for {minutes} minutes. If you did not ask for it, ignore this message.\n"
    aws.client("ses").send_email(
        Source=config.read(MailSettings).mail_sender,
        Destination={"ToAddresses": [address]},
        Message={"Subject": {"Data": SUBJECTS[purpose]}, "Body": {"Text": {"Data": text}}},
    )
