"""Identifiers: UUIDv7 (RFC 9562), so that key order is creation order and no index is spent on it."""

import re
from datetime import UTC, datetime

import uuid_utils

FORM = re.compile(r"[A-Za-z0-9_-]{1,64}")


def new_id() -> str:
    """A fresh UUIDv7 in its canonical text form (36 characters)."""
    return str(uuid_utils.uuid7())


def created_at(known_id: str) -> datetime:
    """When an id was made by `new_id`, UTC, to the millisecond."""
    return datetime.fromtimestamp(uuid_utils.UUID(known_id).timestamp / 1000, UTC)


def prefix_at(time: datetime) -> str:
    """What ids made at `time` begin with: as text, ids of earlier milliseconds are below it, later ones above."""
    milliseconds = f"{round(time.timestamp() * 1000):012x}"
    return f"{milliseconds[:8]}-{milliseconds[8:]}"


def well_formed(text: str) -> bool:
    """Whether a client's path parameter can be an id at all; whether it exists is the store's answer."""
    return FORM.fullmatch(text) is not None
