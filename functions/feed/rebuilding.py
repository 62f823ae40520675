"""A feed for somebody who comes back: made by pulling, once, within their request; from then on they are pushed to.

Bounded work: the timelines of FOLLOWEES followed accounts, and the newest FILLED of their posts.
"""

from dataclasses import dataclass
from datetime import timedelta

from functions.feed import fanout, readers, store, timelines
from functions.feed.model import Entry
from functions.feed.readers import Reader
from functions.feed.timelines import Timeline
from functions.graph import service as graph
from heliograph import clock

FOLLOWEES = 500
FILLED = 200
# How many large authors a reader pulls: as many half read units on each page.
PULLED = 8
NOTED_EVERY = timedelta(days=1)


@dataclass(frozen=True)
class Rebuilt:
    """The reader as they are now, and what was written into their feed."""

    reader: Reader
    entries: list[Entry]


def rebuild(user_id: str) -> Rebuilt:
    """Make a feed anew from what the followed accounts have posted lately.

    The reader counts as active before anything is pulled: so what is posted meanwhile is pushed, or pulled here, or
    both. Until the feed is filled, each of their requests begins anew.
    """
    now = clock.now()
    readers.begin(user_id, now)
    followees = graph.followees(user_id, None, FOLLOWEES).items
    found = timelines.find_all([user_id, *followees])
    pulled = _best([timeline for timeline in found.values() if timeline.is_large and timeline.author_id != user_id])
    if pulled:
        readers.pull(user_id, lambda since: (*since, *(one for one in pulled if one not in since))[:PULLED])
    entries = _newest(user_id, [timeline for timeline in found.values() if timeline.author_id not in pulled])
    store.put(entries)
    readers.fill(user_id)
    return Rebuilt(Reader(user_id, now, pulled, is_filled=True), entries)


def note_visit(reader: Reader) -> None:
    """Note that a reader is here, at most once a day."""
    now = clock.now()
    if reader.active_at < now - NOTED_EVERY:
        readers.note(reader.user_id, now)


def pull(user_id: str, author_id: str) -> None:
    """Let a reader pull an author from now on, rather than whom they have pulled for the longest."""
    readers.pull(user_id, lambda known: known if author_id in known else (author_id, *known)[:PULLED])


def pull_no_more(user_id: str, author_id: str) -> None:
    readers.pull(user_id, lambda known: tuple(one for one in known if one != author_id))


def _best(large: list[Timeline]) -> tuple[str, ...]:
    """Who has posted last comes first."""
    latest_first = sorted(large, key=lambda timeline: timeline.posts[:1], reverse=True)
    return tuple(timeline.author_id for timeline in latest_first[:PULLED])


def _newest(user_id: str, found: list[Timeline]) -> list[Entry]:
    posted = [(post_id, timeline.author_id) for timeline in found for post_id in timeline.posts]
    return [fanout.pulled_entry(user_id, author_id, post_id) for post_id, author_id in sorted(posted)[-FILLED:]]
