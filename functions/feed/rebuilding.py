"""A feed for somebody who comes back: made by pulling, once, within their request; from then on they are pushed to.

Bounded work: the timelines of FOLLOWEES followed accounts, and the newest FILLED of their posts.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from functions.feed import fanout, readers, store, timelines
from functions.feed.model import Entry
from functions.feed.readers import Reader
from functions.feed.timelines import Timeline
from functions.graph import service as graph
from heliograph import clock

FOLLOWEES = 500
FILLED = 200
# As many names, of large authors that are pulled and of favourites, as leave the reader's item within half a read unit.
PULLED, FAVOURITES = 60, 40
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
    favourites = tuple(graph.notifying(user_id, FAVOURITES))
    if pulled or favourites:
        readers.revise(
            user_id,
            lambda since: replace(
                since,
                pulled=_joined(since.pulled, pulled, PULLED),
                favourites=_joined(since.favourites, favourites, FAVOURITES),
            ),
        )
    entries = _newest(user_id, [timeline for timeline in found.values() if timeline.author_id not in pulled])
    store.put(entries)
    readers.fill(user_id)
    return Rebuilt(Reader(user_id, now, pulled, favourites, is_filled=True), entries)


def note_visit(reader: Reader) -> None:
    """Note that a reader is here, at most once a day."""
    now = clock.now()
    if reader.active_at < now - NOTED_EVERY:
        readers.note(reader.user_id, now)


def pull(user_id: str, author_id: str) -> None:
    """Let a reader pull an author from now on, rather than whom they have pulled for the longest."""
    readers.revise(user_id, lambda known: replace(known, pulled=_with(known.pulled, author_id, PULLED)))


def pull_no_more(user_id: str, author_id: str) -> None:
    readers.revise(user_id, lambda known: replace(known, pulled=_without(known.pulled, author_id)))


def settle_favourite(user_id: str, author_id: str) -> None:
    """Make a reader agree with whether they want to be told of an author's posts; the last FAVOURITES count."""
    while True:
        wanted = graph.notifies(user_id, author_id)
        if wanted:
            readers.revise(
                user_id, lambda known: replace(known, favourites=_with(known.favourites, author_id, FAVOURITES))
            )
        else:
            readers.revise(user_id, lambda known: replace(known, favourites=_without(known.favourites, author_id)))
        if graph.notifies(user_id, author_id) == wanted:
            return


def _joined(known: tuple[str, ...], also: tuple[str, ...], most: int) -> tuple[str, ...]:
    return (*known, *(one for one in also if one not in known))[:most]


def _with(known: tuple[str, ...], author_id: str, most: int) -> tuple[str, ...]:
    return known if author_id in known else (author_id, *known)[:most]


def _without(known: tuple[str, ...], author_id: str) -> tuple[str, ...]:
    return tuple(one for one in known if one != author_id)


def _best(large: list[Timeline]) -> tuple[str, ...]:
    """Who has posted last comes first."""
    latest_first = sorted(large, key=lambda timeline: timeline.posts[:1], reverse=True)
    return tuple(timeline.author_id for timeline in latest_first[:PULLED])


def _newest(user_id: str, found: list[Timeline]) -> list[Entry]:
    posted = [(post_id, timeline.author_id) for timeline in found for post_id in timeline.posts]
    return [fanout.pulled_entry(user_id, author_id, post_id) for post_id, author_id in sorted(posted)[-FILLED:]]
