"""The one source of time. Everything that needs "now" asks here, so a test can fix it in one place."""

from datetime import UTC, datetime


def now() -> datetime:
    """The current time, UTC, cut to the millisecond that the API and the tables keep."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def iso(moment: datetime) -> str:
    """`2026-11-22T14:00:00.000Z`: the only form in which a time leaves the process."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse(text: str) -> datetime:
    """The inverse of `iso`. Raises ValueError on anything else."""
    return datetime.fromisoformat(text)


def epoch(moment: datetime) -> int:
    """Whole seconds since 1970, the unit of DynamoDB's TTL and of token claims."""
    return int(moment.timestamp())
