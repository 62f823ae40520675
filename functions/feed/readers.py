"""The table of readers: who has lately read their feed, and whose posts they pull into it.

One item for each reader, small enough to be read with half a unit. It expires when its reader has been away for too
long; then they are as somebody who has never come.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

from functions.posts.service import TextsAttribute
from heliograph import batches, clock, tables, transactions
from heliograph.tables import TimeAttribute
from heliograph.transactions import ConditionFailed

# Who has not read their feed for as long gets nothing pushed.
ACTIVE_FOR = timedelta(days=30)


class ReaderItem(Model):
    class Meta(tables.Meta):
        table_name = tables.name("feed-readers")

    user_id = UnicodeAttribute(hash_key=True, attr_name="userId")
    active_at = TimeAttribute(attr_name="activeAt")
    pulled = TextsAttribute()
    favourites = TextsAttribute(null=True)
    revision = NumberAttribute(default=0)
    is_filled = BooleanAttribute(attr_name="isFilled", default=False)
    expires_at = NumberAttribute(attr_name="expiresAt")


@dataclass(frozen=True)
class Reader:
    """`active_at`: when they have read their feed, to the day. `pulled`: the large authors they follow, best first.

    `favourites`: of whose posts they want to be told. `is_filled`: their feed has what was posted before they came.
    """

    user_id: str
    active_at: datetime
    pulled: tuple[str, ...] = ()
    favourites: tuple[str, ...] = ()
    is_filled: bool = False

    def is_active(self, now: datetime) -> bool:
        return self.active_at > now - ACTIVE_FOR


def find(user_id: str) -> Reader | None:
    item = tables.find(ReaderItem, user_id)
    return item and _reader(item)


def active(user_ids: Iterable[str], now: datetime) -> set[str]:
    """Which of these have lately read their feed."""
    return {item.user_id for item in batches.get(ReaderItem, user_ids) if _reader(item).is_active(now)}


def begin(user_id: str, now: datetime) -> None:
    """The reader comes for the first time, or comes back: they are active, and their feed is still to be filled."""
    ReaderItem(user_id, active_at=now, pulled=(), expires_at=_expiry(now)).save()


def fill(user_id: str) -> None:
    """Their feed is filled."""
    tables.update_if(ReaderItem(user_id), [ReaderItem.is_filled.set(True)], ReaderItem.user_id.exists())


def note(user_id: str, now: datetime) -> None:
    """The reader is here; one that has expired meanwhile stays so."""
    tables.update_if(
        ReaderItem(user_id),
        [ReaderItem.active_at.set(now), ReaderItem.expires_at.set(_expiry(now))],
        ReaderItem.user_id.exists(),
    )


def revise(user_id: str, change: Callable[[Reader], Reader]) -> None:
    """Change whom a reader pulls and favours. Nothing to do for who does not come. Idempotent where `change` is."""

    def attempt() -> None:
        item = tables.find(ReaderItem, user_id, consistent=True)
        if item is None:
            return
        before = _reader(item)
        after = change(before)
        actions = [
            tables.written(ReaderItem.pulled, after.pulled),
            tables.written(ReaderItem.favourites, after.favourites),
            ReaderItem.revision.add(1),
        ]
        if after != before and not tables.update_if(item, actions, ReaderItem.revision == item.revision):
            raise ConditionFailed(frozenset())

    transactions.while_unchanged(attempt)


def drop(user_id: str) -> None:
    tables.delete(ReaderItem(user_id))


def _expiry(active_at: datetime) -> int:
    """A day late, as it is noted by the day."""
    return clock.epoch(active_at + ACTIVE_FOR + timedelta(days=1))


def _reader(item: ReaderItem) -> Reader:
    return Reader(item.user_id, item.active_at, item.pulled, item.favourites or (), bool(item.is_filled))
