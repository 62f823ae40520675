"""Table fingerprints: which pictures are like this one? Two indexes in one table, of perceptual hashes (`pdq`).

A hash is cut into bands, and each band is a key under which the hash is entered. Whoever looks for hashes within a
distance asks for every band of theirs and for all its neighbours at one bit: of d different bits some band of n holds
at most d / n, so nothing within 2n - 1 bits is missed.

    blocked#<band>#<bits>   pictures nobody may show     16 bands of 16 bits, complete to 31 bits, 272 keys
    first#<band>#<bits>     who uploaded which pixels     8 bands of 32 bits, complete to 15 bits, 264 keys

An entry is a member of a string set, so writing is repeatable and needs no read. A look-up costs half a read unit a
key among the blocked, and one among the first.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from pynamodb.attributes import UnicodeAttribute, UnicodeSetAttribute
from pynamodb.expressions.condition import size
from pynamodb.models import Model

from functions.media.model import Media
from heliograph import tables

BITS = 256
# A hash is a square of bits, one for each term of a DCT.
SIDE = 16
ODD_COLUMNS = sum(1 << bit for bit in range(BITS) if bit % SIDE % 2 == 0)
ODD_ROWS = sum(1 << bit for bit in range(BITS) if bit // SIDE % 2 == 0)


@dataclass(frozen=True)
class Index:
    """One way of cutting hashes into bands. A bucket that is full takes no more: the first entries stay."""

    name: str
    bands: int
    entries: int

    @property
    def reach(self) -> int:
        """The distance in bits to which every hash is found."""
        return 2 * self.bands - 1


BLOCKED = Index("blocked", bands=16, entries=1000)
FIRST = Index("first", bands=8, entries=100)


@dataclass(frozen=True)
class Owner:
    """Who uploaded a picture. `media_id` is also the time: the smallest is the first."""

    media_id: str
    user_id: str
    distance: int


class BandItem(Model):
    class Meta(tables.Meta):
        table_name = tables.name("fingerprints")

    band = UnicodeAttribute(hash_key=True)
    entries = UnicodeSetAttribute(null=True)


def is_blocked(fingerprint: str) -> bool:
    """Whether a blocked picture is within reach."""
    value = int(fingerprint, 16)
    return any(_distance(value, entry) <= BLOCKED.reach for entry in _entries(BLOCKED, value))


def block(fingerprint: str) -> None:
    """Block a picture, also turned and mirrored. Nothing says whose it was. Repeatable."""
    for value in variants(int(fingerprint, 16)):
        for key in _keys(BLOCKED, value):
            _add(BLOCKED, key, f"{value:064x}")


def owners(fingerprint: str) -> list[Owner]:
    """Who uploaded pictures within reach, the first one first. Those recorded just now are among them."""
    value = int(fingerprint, 16)
    found = {tuple(entry.split("#")) for entry in _entries(FIRST, value)}
    near = (Owner(media_id, user_id, _distance(value, other)) for other, media_id, user_id in found)
    return sorted((owner for owner in near if owner.distance <= FIRST.reach), key=lambda owner: owner.media_id)


def record(fingerprint: str, media_id: str, user_id: str) -> None:
    """Remember whose picture this is. Repeatable."""
    for key in _keys(FIRST, int(fingerprint, 16)):
        _add(FIRST, key, _owned(fingerprint, media_id, user_id))


def forget(fingerprint: str, media_id: str, user_id: str) -> None:
    """Delete what `record` wrote, and the buckets that are empty then."""
    for key in _keys(FIRST, int(fingerprint, 16)):
        item = BandItem(key)
        entry = {_owned(fingerprint, media_id, user_id)}
        tables.update_if(item, [BandItem.entries.delete(entry)], BandItem.entries.exists())
        tables.delete_if(item, BandItem.entries.does_not_exist())


def forget_media(media: Media) -> None:
    """Forget whose picture a media item is."""
    if media.appraisal and media.appraisal.fingerprint:
        forget(media.appraisal.fingerprint, media.media_id, media.user_id)


def variants(value: int) -> tuple[int, ...]:
    """What the PDQ of a picture becomes by turning and mirroring it: eight, itself the first.

    Mirroring changes the sign of every second term of the DCT, and so its bit (but for a few, because the median is
    only near zero); a reflection in the diagonal transposes the terms.
    """
    upright = (value, value ^ ODD_COLUMNS, value ^ ODD_ROWS, value ^ ODD_COLUMNS ^ ODD_ROWS)
    return upright + tuple(_transposed(turned) for turned in upright)


def cut(value: int, bands: int) -> list[int]:
    """A hash in so many bands of equal width, the lowest bits first."""
    width = BITS // bands
    return [value >> (number * width) & ((1 << width) - 1) for number in range(bands)]


def _entries(index: Index, value: int) -> Iterator[str]:
    # Consistent: of two who upload the same at once, at least the later one finds the other.
    for item in tables.batch_get(BandItem, _neighbours(index, value), consistent=index is FIRST):
        yield from item.entries or ()


def _add(index: Index, key: str, entry: str) -> None:
    """A full bucket is one of pictures that are hard to tell apart; the others of this hash will do."""
    room = BandItem.entries.does_not_exist() | (size(BandItem.entries) < index.entries)
    tables.update_if(BandItem(key), [BandItem.entries.add({entry})], room)


def _keys(index: Index, value: int) -> list[str]:
    return [_key(index, number, band) for number, band in enumerate(cut(value, index.bands))]


def _neighbours(index: Index, value: int) -> Iterator[str]:
    width = BITS // index.bands
    for number, band in enumerate(cut(value, index.bands)):
        yield _key(index, number, band)
        for bit in range(width):
            yield _key(index, number, band ^ (1 << bit))


def _key(index: Index, number: int, band: int) -> str:
    return f"{index.name}#{number}#{band:0{BITS // index.bands // 4}x}"


def _owned(fingerprint: str, media_id: str, user_id: str) -> str:
    return f"{fingerprint}#{media_id}#{user_id}"


def _transposed(value: int) -> int:
    return sum((value >> bit & 1) << (bit % SIDE * SIDE + bit // SIDE) for bit in range(BITS))


def _distance(value: int, entry: str) -> int:
    return (value ^ int(entry, 16)).bit_count()
