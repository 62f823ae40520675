"""Ranked pages: the feed is ranked inside stretches ("windows") of its newest entries, one window after another.

A window is ordered once, when its first page is asked for. What is left of that order travels in the cursor, with the
window's bounds. So whatever comes, goes or is liked meanwhile: no page repeats what another showed, and none leaves out
what was there. What comes later than the order is on top of the next reading.
"""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from functions.feed.model import Entry
from heliograph.tables import Slice

SIZE = 100
# Characters; with a window's whole order, a sealed cursor has some 1,300 of the 2,048 that it may have.
MARK = 8

# All ids of these entries, best first.
Ranked = Callable[[list[Entry]], list[str]]


@dataclass(frozen=True)
class Reads:
    """How entries are read, newest first: `newest(before, limit)`; `between(newest, oldest)`, both bounds included.

    `favourites`: of whose posts the reader wants to be told.
    """

    newest: Callable[[str | None, int], list[Entry]]
    between: Callable[[str, str | None], list[Entry]]
    favourites: frozenset[str] = frozenset()


def page(reads: Reads, ranked: Ranked, position: Any, count: int) -> Slice[str]:
    """The next `count` post ids or fewer, best first, and the position that continues after them.

    A position is None (the top of the feed), {"before": post} (the window that starts below it) or {"newest", "oldest",
    "rest"} (inside a window: the marks of what has not been shown; "oldest" is None in the last window).
    """
    if position and "rest" in position:
        there = {_mark(entry.post_id): entry.post_id for entry in reads.between(position["newest"], position["oldest"])}
        return _cut([there[mark] for mark in _marks(position["rest"]) if mark in there], position, count)
    entries = reads.newest(position and position["before"], SIZE)
    if not entries:
        return Slice([], None)
    oldest = entries[-1].post_id if len(entries) == SIZE else None
    return _cut(ranked(entries), {"newest": entries[0].post_id, "oldest": oldest}, count)


def _cut(post_ids: Sequence[str], window: dict[str, Any], count: int) -> Slice[str]:
    shown, rest = list(post_ids[:count]), post_ids[count:]
    if rest:
        return Slice(shown, {**window, "rest": "".join(map(_mark, rest))})
    return Slice(shown, window["oldest"] and {"before": window["oldest"]})


def _marks(text: str) -> list[str]:
    return [text[start : start + MARK] for start in range(0, len(text), MARK)]


def _mark(post_id: str) -> str:
    """Stands for a post among those of its window: the last 48 bits of its id, which are random in a UUIDv7."""
    return base64.urlsafe_b64encode(bytes.fromhex(post_id[-12:])).decode()
