"""Where the posts of a feed come from: those pushed into it, and those pulled from authors too large to push.

Both are merged by post, the newest first, so it does not matter if a post comes both ways. A reader's large authors
are in one small item, and their timelines are the same for everybody: what a page costs does not grow with the number
of people one follows. Of very many large authors each turn pulls some; a feed is read on in the turn in which it was
begun, so that its pages fit together.
"""

import zlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from heapq import merge
from itertools import islice

from functions.feed import fanout, readers, rebuilding, store, timelines
from functions.feed.model import Entry
from functions.feed.readers import Reader
from functions.feed.timelines import Timeline
from functions.feed.windows import Reads
from heliograph import clock
from heliograph.hot import HotCache

# A timeline holds nothing but ids: what is shown of them is judged at each reading.
KEPT_SECONDS = 10.0
# How many large authors a page pulls: as many half read units.
PULLED = 8
TURN_SECONDS = 3600


def _timelines(author_ids: list[str]) -> dict[str, Timeline]:
    return timelines.find_all(author_ids)


seen = HotCache[Timeline](_timelines, seconds=KEPT_SECONDS, size=20_000)


def turn(now: datetime) -> int:
    """The turn of a feed that is begun now."""
    return clock.epoch(now) // TURN_SECONDS


def reads(user_id: str, turn: int, *, pull: bool, visit: bool) -> Reads:
    """How somebody's feed is read in a turn. `visit`: they begin at the top, which is noted once a day.

    Who comes for the first time in a long time gets a new feed first.
    """
    reader = readers.find(user_id)
    if reader is None or not reader.is_filled or not reader.is_active(clock.now()):
        rebuilt = rebuilding.rebuild(user_id)
        return merged(rebuilt.reader, [*rebuilt.entries, *(_pulled(rebuilt.reader, turn) if pull else ())])
    if visit:
        rebuilding.note_visit(reader)
    return merged(reader, _pulled(reader, turn) if pull else ())


def merged(reader: Reader, pulled: Iterable[Entry]) -> Reads:
    """Stored entries and those in `pulled`, each post once, the newest first."""
    also = sorted({entry.post_id: entry for entry in pulled}.values(), key=_post_id, reverse=True)

    def newest(before: str | None, limit: int) -> list[Entry]:
        older = (entry for entry in also if before is None or entry.post_id < before)
        return list(islice(_once(store.newest(reader.user_id, before, limit), older), limit))

    def between(newest_id: str, oldest: str | None) -> list[Entry]:
        inside = (entry for entry in also if (oldest or "") <= entry.post_id <= newest_id)
        return list(_once(store.between(reader.user_id, newest_id, oldest), inside))

    return Reads(newest, between, frozenset(reader.favourites))


def of_turn(author_ids: Iterable[str], turn: int) -> list[str]:
    """Whom a turn pulls of these: PULLED at most, as chance will have it, so that everybody has their turns."""
    return sorted(author_ids, key=lambda author_id: zlib.crc32(f"{turn}{author_id}".encode()))[:PULLED]


def _pulled(reader: Reader, turn: int) -> list[Entry]:
    return [
        fanout.pulled_entry(reader.user_id, timeline.author_id, post_id)
        for timeline in seen.get(of_turn(reader.pulled, turn)).values()
        for post_id in timeline.posts
    ]


def _once(stored: Sequence[Entry], also: Iterable[Entry]) -> Iterable[Entry]:
    """Both in one order; of two entries for a post the stored one."""
    last = None
    for entry in merge(stored, also, key=_post_id, reverse=True):
        if entry.post_id != last:
            yield entry
        last = entry.post_id


def _post_id(entry: Entry) -> str:
    return entry.post_id
