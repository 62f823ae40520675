"""By which username somebody is found without the index: kept equal to what the account itself says."""

from functions.accounts import service as accounts
from functions.discovery import usernames


def settle(user_id: str) -> None:
    """Make the table agree with an account.

    The account is read again after the writes, until it is what was written: another delivery that read an older or
    newer one cannot have the last word.
    """
    username = _username(user_id)
    while True:
        usernames.keep(user_id, username)
        written, username = username, _username(user_id)
        if username == written:
            return


def _username(user_id: str) -> str | None:
    """None when the account is gone. Who is about to delete it may come back; until then `may_view` hides them."""
    profile = accounts.profiles([user_id], consistent=True).get(user_id)
    return profile and profile.username
