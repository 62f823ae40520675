"""Pairs as this process has lately read them.

What other processes change shows here within MAX_AGE_SECONDS (and the fraction of a second that DynamoDB's replicas may
be behind); what this process changes shows at once. No write relies on it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import Lock

from cachetools import TLRUCache

from functions.graph import store
from functions.graph.ties import Pair
from heliograph import clock

MAX_AGE_SECONDS = 3.0
SIZE = 20_000

Key = tuple[str, str]


@dataclass(frozen=True, eq=False)
class _Entry:
    """`pair`: None where this process has changed it, so that a replica may still be behind. `since`: in seconds."""

    pair: Pair | None
    since: float


def _wall_clock() -> float:
    """Seconds. A monotonic clock may stand still while Lambda freezes the process."""
    return clock.now().timestamp()


class PairCache:
    """The pairs of one process, by whose view it is and of whom. What is not there is kept, too."""

    def __init__(self, timer: Callable[[], float] = _wall_clock) -> None:
        self._timer = timer
        self._entries: TLRUCache[Key, _Entry] = TLRUCache(
            SIZE, ttu=lambda _key, entry, _now: entry.since + MAX_AGE_SECONDS, timer=timer
        )
        self._lock = Lock()

    def pairs(self, me: str, others: Iterable[str]) -> dict[str, Pair]:
        """The pairs of one account with many; those that are not known are read in one batch."""
        with self._lock:
            known = {other: self._entries.get((me, other)) for other in dict.fromkeys(others) if other != me}
        now = self._timer()
        changed = [other for other, entry in known.items() if entry and entry.pair is None]
        read = store.pairs(me, [other for other, entry in known.items() if entry is None])
        if changed:
            read |= store.pairs(me, changed, consistent=True)
        with self._lock:
            for other, pair in read.items():
                # Another thread may have changed the pair since; then what was read here may be from before that.
                if self._entries.get((me, other)) is known[other]:
                    self._entries[me, other] = _Entry(pair, now)
        return {other: entry.pair for other, entry in known.items() if entry and entry.pair} | read

    def changed(self, me: str, other: str) -> None:
        """This process has changed the pair, or wanted to and does not know whether it has."""
        with self._lock:
            for key in ((me, other), (other, me)):
                self._entries[key] = _Entry(None, self._timer())
