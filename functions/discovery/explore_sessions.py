"""The table of explore's sessions: the order that was made for a first page, for the pages after it.

An order of 200 posts takes 3.3 KB: writing it costs four units, reading it one half or one.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pynamodb.attributes import BinaryAttribute, BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

from heliograph import batches, clock, ids, tables

KEPT_FOR = timedelta(hours=1)
ID_BYTES = 16


class SessionItem(Model):
    class Meta(tables.Meta):
        table_name = tables.name("explore-sessions")

    user_id = UnicodeAttribute(hash_key=True, attr_name="userId")
    session_id = UnicodeAttribute(range_key=True, attr_name="sessionId")
    posts = BinaryAttribute(legacy_encoding=False)
    degraded = BooleanAttribute()
    expires_at = NumberAttribute(attr_name="expiresAt")


@dataclass(frozen=True)
class Session:
    """An order, best first. `degraded`: it was made without the index."""

    session_id: str
    posts: Sequence[str]
    degraded: bool


def begin(user_id: str, session: Session) -> None:
    expires_at = clock.epoch(ids.created_at(session.session_id) + KEPT_FOR)
    SessionItem(
        user_id, session.session_id, posts=_packed(session.posts), degraded=session.degraded, expires_at=expires_at
    ).save()


def find(user_id: str, session_id: str, now: datetime) -> Session | None:
    """A session of this person's; None for one that has expired: DynamoDB may take days to delete it."""
    item = tables.find(SessionItem, user_id, session_id, consistent=True)
    if item is None or item.expires_at <= clock.epoch(now):
        return None
    return Session(session_id, _unpacked(item.posts), bool(item.degraded))


def forget(user_id: str, limit: int) -> list[str]:
    """Delete up to `limit` sessions of somebody; their ids."""
    found = [item.session_id for item in SessionItem.query(user_id, limit=limit, consistent_read=True)]
    batches.delete(SessionItem, [{"userId": user_id, "sessionId": one} for one in found])
    return found


def _packed(post_ids: Iterable[str]) -> bytes:
    return b"".join(uuid.UUID(post_id).bytes for post_id in post_ids)


def _unpacked(posts: bytes) -> list[str]:
    return [str(uuid.UUID(bytes=posts[start : start + ID_BYTES])) for start in range(0, len(posts), ID_BYTES)]
