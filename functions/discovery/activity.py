"""The table of activity: who has used a label in each slot of five minutes, everywhere and in each region.

A person is a hash of 24 bits under the label: it cannot be told from those of others in a large platform, nor be
recognised under another label, and expires within hours. So nothing here is exported or erased, and a deleted post
leaves its author's hash to expire.

`slot`: `<number of the slot>#<shard of the label>`; `use`: `<region>#<label>#<part>`. The parts of a popular label are
those of its shards (`store.shards_now`), so that each item stays one write unit: a full one takes nobody any more.
"""

import base64
import hashlib
import zlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pynamodb.attributes import NumberAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.expressions.condition import size
from pynamodb.models import Model

from functions.discovery import bursts, labels, store
from functions.posts.service import Post
from heliograph import batches, clock, ids, tables

SHARDS = 8
# At 4 bytes each, and in two sets.
FULL = 80
KEPT_FOR = timedelta(hours=3)
WINDOW = bursts.WINDOW_SLOTS * bursts.SLOT
# Of a label in a region.
Use = tuple[str, str]


class ActivityItem(Model):
    class Meta(tables.Meta):
        table_name = tables.name("label-activity")

    slot = UnicodeAttribute(hash_key=True)
    use = UnicodeAttribute(range_key=True)
    established = UnicodeSetAttribute(null=True)
    newcomers = UnicodeSetAttribute(null=True)
    expires_at = NumberAttribute(attr_name="expiresAt")


@dataclass
class People:
    established: set[str] = field(default_factory=set[str])
    newcomers: set[str] = field(default_factory=set[str])

    def meet(self, others: "People") -> None:
        self.established |= others.established
        self.newcomers |= others.newcomers

    @property
    def weight(self) -> float:
        return bursts.people(len(self.established), len(self.newcomers - self.established))


# By slot.
Seen = dict[int, People]


def note(post: Post, carried: Iterable[str]) -> None:
    """Note that the author of a recent post uses these labels. Noting it again changes nothing."""
    if post.created_at <= clock.now() - WINDOW:
        return
    regions = [labels.GLOBAL]
    if post.location:
        regions.append(labels.region(post.location.lat, post.location.lon))
    batches.at_once(lambda use: _note(post, *use), [(label, region) for label in sorted(carried) for region in regions])


def uses(shard: int, slots: Iterable[int]) -> dict[Use, Seen]:
    """Who has used which label where, by slot, of the labels of one shard."""
    found: dict[Use, Seen] = defaultdict(lambda: defaultdict(People))
    for slot in slots:
        for item in ActivityItem.query(f"{slot}#{shard}"):
            region, _, rest = item.use.partition("#")
            label, _, _ = rest.rpartition("#")
            found[region, label][slot].meet(People(item.established or set(), item.newcomers or set()))
    return found


def slot_of(moment: datetime) -> int:
    return int(moment.timestamp() // bursts.SLOT.total_seconds())


def shard_of(label: str) -> int:
    return zlib.crc32(label.encode()) % SHARDS


def person(user_id: str, label: str) -> str:
    digest = hashlib.blake2b(f"{label}#{user_id}".encode(), digest_size=3).digest()
    return base64.b64encode(digest).decode()


def _note(post: Post, label: str, region: str) -> None:
    who = person(post.user_id, label)
    part = zlib.crc32(who.encode()) % store.shards_now(label)
    item = ActivityItem(f"{slot_of(post.created_at)}#{shard_of(label)}", f"{region}#{label}#{part}")
    is_new = post.created_at - ids.created_at(post.user_id) < bursts.NEW_FOR
    people = ActivityItem.newcomers if is_new else ActivityItem.established
    expires_at = clock.epoch(post.created_at + KEPT_FOR)
    has_room = people.does_not_exist() | (size(people) < FULL)
    tables.update_if(item, [people.add({who}), ActivityItem.expires_at.set(expires_at)], has_room)
