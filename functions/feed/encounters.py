"""The table of encounters: what each account has met in others' posts, in one item. See `affinity`.

An encounter takes 21 bytes: the author's id, the second in which the post was made, the strength. So the item has
8.6 KB at most: reading it costs one and a half units, and changing it nine (and three to read it first).
"""

import struct
import uuid
from collections.abc import Iterable
from datetime import timedelta

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

from functions.feed import affinity
from functions.feed.affinity import Encounters, Key
from heliograph import ids, tables, transactions
from heliograph.transactions import ConditionFailed

# After the newest post met: by then its affinity has come down to that to a stranger.
KEPT_FOR = timedelta(days=90)
FORM = struct.Struct(">16sIB")


class EncountersItem(Model):
    class Meta(tables.Meta):
        table_name = tables.name("encounters")

    user_id = UnicodeAttribute(hash_key=True, attr_name="userId")
    met = BinaryAttribute(legacy_encoding=False)
    token = UnicodeAttribute()
    expires_at = NumberAttribute(attr_name="expiresAt")


def find(user_id: str) -> Encounters:
    item = tables.find(EncountersItem, user_id)
    return unpacked(item.met) if item else {}


def merge(user_id: str, signals: Iterable[tuple[Key, int]]) -> None:
    """Add signals to what is known. What is known already changes nothing, and costs no write."""
    new = list(signals)

    def attempt() -> None:
        item = tables.find(EncountersItem, user_id, consistent=True)
        known = unpacked(item.met) if item else {}
        after = affinity.merged(known, new)
        if after == known:
            return
        unchanged = EncountersItem.token == item.token if item else EncountersItem.user_id.does_not_exist()
        if not tables.put_if(_item(user_id, after), unchanged):
            raise ConditionFailed(frozenset())

    transactions.while_unchanged(attempt)


def forget(user_id: str) -> None:
    tables.delete(EncountersItem(user_id))


def packed(encounters: Encounters) -> bytes:
    """The same bytes for the same encounters, however they came together."""
    return b"".join(
        FORM.pack(uuid.UUID(author_id).bytes, made_at, strength)
        for (author_id, made_at), strength in sorted(encounters.items())
    )


def unpacked(met: bytes) -> Encounters:
    return {(str(uuid.UUID(bytes=author)), made_at): strength for author, made_at, strength in FORM.iter_unpack(met)}


def _item(user_id: str, encounters: Encounters) -> EncountersItem:
    newest = max(made_at for _, made_at in encounters)
    return EncountersItem(
        user_id,
        met=packed(encounters),
        token=ids.new_id(),
        expires_at=newest + int(KEPT_FOR.total_seconds()),
    )
