"""Ranked pages: the feed is ranked inside stretches ("windows") of its newest entries, one window after another.

A window's bounds travel in the cursor, so it stays the same stretch of time while posts come and go, and inside it a
page continues below the rank where the last one ended. Ranks never change, so no page repeats what another showed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from functions.feed import ranking
from functions.feed.model import Entry
from heliograph.tables import Slice

SIZE = 100


@dataclass(frozen=True)
class Reads:
    """How entries are read, newest first: `newest(before, limit)`; `between(newest, oldest)`, both bounds included."""

    newest: Callable[[str | None, int], list[Entry]]
    between: Callable[[str, str | None], list[Entry]]


def page(reads: Reads, position: Any, count: int) -> Slice[str]:
    """The next `count` post ids or fewer, best first, and the position that continues after them.

    A position is None (the top of the feed), {"before": post} (the window that starts below it) or {"newest", "oldest",
    "after"} (inside a window, below the rank `after`; "oldest" is None in the last window).
    """
    if position and "after" in position:
        entries = reads.between(position["newest"], position["oldest"])
        after = tuple(position["after"])
        return _cut([entry for entry in entries if ranking.rank(entry) < after], position, count)
    entries = reads.newest(position and position["before"], SIZE)
    if not entries:
        return Slice([], None)
    oldest = entries[-1].post_id if len(entries) == SIZE else None
    return _cut(entries, {"newest": entries[0].post_id, "oldest": oldest}, count)


def _cut(entries: list[Entry], window: dict[str, Any], count: int) -> Slice[str]:
    best = ranking.ranked(entries)
    ids = [entry.post_id for entry in best[:count]]
    if len(best) > count:
        return Slice(ids, {**window, "after": ranking.rank(best[count - 1])})
    return Slice(ids, window["oldest"] and {"before": window["oldest"]})
