"""The table of tastes: the posts that each account has met, with their topics, in one item. See `interests`.

A post takes 18 bytes (its id, the strength, the length of what follows) and its topics 48 at most. So the item has
10 KB at most: reading it costs one and a half units, and changing it ten (and three to read it first).
"""

import struct
import uuid
from collections.abc import Iterable, Iterator
from datetime import timedelta

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

from functions.discovery import interests
from functions.discovery.interests import Met, Tastes
from heliograph import clock, ids, tables, transactions
from heliograph.transactions import ConditionFailed

# After the newest post met: by then it tells next to nothing.
KEPT_FOR = timedelta(days=120)
HEAD = struct.Struct(">16sBB")


class TastesItem(Model):
    class Meta(tables.Meta):
        table_name = tables.name("tastes")

    user_id = UnicodeAttribute(hash_key=True, attr_name="userId")
    met = BinaryAttribute(legacy_encoding=False)
    token = UnicodeAttribute()
    expires_at = NumberAttribute(attr_name="expiresAt")


def find(user_id: str) -> Tastes:
    item = tables.find(TastesItem, user_id)
    return unpacked(item.met) if item else {}


def merge(user_id: str, signals: Iterable[tuple[str, Met]]) -> None:
    """Add signals to what is known. What is known already changes nothing, and costs no write."""
    new = list(signals)

    def attempt() -> None:
        item = tables.find(TastesItem, user_id, consistent=True)
        known = unpacked(item.met) if item else {}
        after = interests.merged(known, new)
        if after == known:
            return
        unchanged = TastesItem.token == item.token if item else TastesItem.user_id.does_not_exist()
        if not tables.put_if(_item(user_id, after), unchanged):
            raise ConditionFailed(frozenset())

    transactions.while_unchanged(attempt)


def forget(user_id: str) -> None:
    tables.delete(TastesItem(user_id))


def packed(tastes: Tastes) -> bytes:
    """The same bytes for the same tastes, however they came together."""
    return b"".join(_packed(post_id, met) for post_id, met in sorted(tastes.items()))


def unpacked(packed_tastes: bytes) -> Tastes:
    return dict(_unpacked(packed_tastes))


def _packed(post_id: str, met: Met) -> bytes:
    names = " ".join(met.topics).encode()
    return HEAD.pack(uuid.UUID(post_id).bytes, met.strength, len(names)) + names


def _unpacked(packed_tastes: bytes) -> Iterator[tuple[str, Met]]:
    start = 0
    while start < len(packed_tastes):
        post, strength, length = HEAD.unpack_from(packed_tastes, start)
        start += HEAD.size + length
        names = packed_tastes[start - length : start].decode()
        yield str(uuid.UUID(bytes=post)), Met(strength, tuple(names.split(" ")))


def _item(user_id: str, known: Tastes) -> TastesItem:
    return TastesItem(
        user_id,
        met=packed(known),
        token=ids.new_id(),
        expires_at=clock.epoch(ids.created_at(max(known)) + KEPT_FOR),
    )
