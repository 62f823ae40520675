"""Filling a generation of the index from the tables, and comparing both, while writes go on.

Documents are made and written by the very code of the consumers (`indexing`), with the same versions: what an event has
written meanwhile is newer or the same, so nothing is ever overwritten by what was read before.
"""

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

from functions.discovery import index, indexing
from functions.discovery.index import Found, Key, Write
from functions.discovery.mappings import Kind
from heliograph.errors import Unavailable
from heliograph.resilience import retry

T = TypeVar("T")
# As many items as DynamoDB reads at once.
BATCH = 100
PAGE = 500
MENDINGS = 5
PAUSE_SECONDS = 1.0
CHECKSUM = 2**64


@dataclass(frozen=True)
class Side:
    """How many documents there are, and a checksum of all of them that does not depend on their order."""

    count: int = 0
    checksum: int = 0

    def __add__(self, other: "Side") -> "Side":
        return Side(self.count + other.count, (self.checksum + other.checksum) % CHECKSUM)


@dataclass(frozen=True)
class Look:
    """One side, and what was found to differ from the other one."""

    side: Side = Side()
    differing: frozenset[Key] = frozenset()

    def __add__(self, other: "Look") -> "Look":
        return Look(self.side + other.side, self.differing | other.differing)


@dataclass
class Comparison:
    """Both sides of a kind as they were found. `mended`: what differed; `left`: what still does after several tries."""

    kind: Kind
    tables: Side
    index: Side
    mended: int = 0
    left: list[Key] = field(default_factory=list[Key])

    @property
    def equal(self) -> bool:
        return self.tables == self.index


def fill(kind: Kind, generation: str, ids: Iterable[str]) -> set[Key]:
    """Write what the tables say of these into a generation; those that are refused. Raises Unavailable."""
    refused: set[Key] = set()
    for part in _parts(ids):
        refused |= _patiently(lambda part=part: index.send(indexing.writes((kind, one) for one in part), generation))
    return refused


def look_at_tables(kind: Kind, generation: str, ids: Iterable[str]) -> Look:
    """What the tables say of these, and in what the index differs. Raises Unavailable."""
    look = Look()
    for part in _parts(ids):
        writes = indexing.writes((kind, one) for one in part)
        found = _patiently(lambda part=part: index.read(kind, generation, part))
        due = (_fingerprint(write) for write in writes if write.document is not None)
        look += Look(_side(due), _differing(writes, found))
    return look


def look_at_index(kind: Kind, generation: str) -> Look:
    """What a generation has, and in what the tables differ. Raises Unavailable."""
    look, after = Look(), None
    _patiently(lambda: index.refresh(kind, generation))
    while page := _patiently(lambda after=after: index.page(kind, generation, after, PAGE)):
        found = {one.id: one for one in page}
        for part in _parts(found):
            writes = indexing.writes((kind, one) for one in part)
            look += Look(_side(_fingerprint(found[one]) for one in part), _differing(writes, found))
        after = page[-1].id
    return look


def mended(keys: Iterable[Key], generation: str) -> list[Key]:
    """Write again what differs, until it agrees; what still differs after several tries. Raises Unavailable.

    What merely was on its way agrees at once.
    """
    left = sorted(keys)
    for attempt in range(MENDINGS):
        if not left:
            break
        if attempt:
            time.sleep(PAUSE_SECONDS)
        still: list[Key] = []
        for part in _parts(left):
            _patiently(lambda part=part: index.send(indexing.writes(part), generation))
            still += _still_differing(part, generation)
        left = still
    return left


def _still_differing(keys: list[Key], generation: str) -> list[Key]:
    differing: set[Key] = set()
    for kind, ids in indexing.by_kind(keys).items():
        differing |= look_at_tables(kind, generation, ids).differing
    return sorted(differing)


def _differing(writes: list[Write], found: dict[str, Found]) -> frozenset[Key]:
    return frozenset(write.key for write in writes if not _agree(write, found.get(write.id)))


def _agree(write: Write, found: Found | None) -> bool:
    """Whether the index has what it should.

    With a lower version, perhaps: an author's grows also when nothing changes in their posts. A higher one has no
    explanation (a table that was restored?), and keeps out whatever is written next.
    """
    if write.document is None or found is None:
        return write.document is None and found is None
    return found.document == write.document and found.version <= write.version


def _fingerprint(one: Write | Found) -> int:
    """Of a document with its id."""
    text = json.dumps([one.id, one.document], sort_keys=True)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])


def _side(fingerprints: Iterable[int]) -> Side:
    side = Side()
    for fingerprint in fingerprints:
        side += Side(1, fingerprint)
    return side


def _parts(things: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(things)
    while part := list(islice(rest, BATCH)):
        yield part


def _patiently(request: Callable[[], T]) -> T:
    """An engine that is busy or away for a minute is waited for."""
    return retry(request, on=Unavailable, attempts=12, base_seconds=0.5, cap_seconds=15)
