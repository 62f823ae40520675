"""What many readers want at the same time is read once: a small cache with a short life, and one read for all who wait.

For what is the same for everybody. What a viewer may see must not depend on it for longer than its `seconds`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from threading import Lock
from typing import Generic, TypeVar

from cachetools import TTLCache

from heliograph import clock

V = TypeVar("V")


def _wall_clock() -> float:
    """Seconds. A monotonic clock may stand still while Lambda freezes the process."""
    return clock.now().timestamp()


class HotCache(Generic[V]):
    """Values of one process by their id, `seconds` old at most. What is not there is kept, too.

    `load`: the values of many ids in one batch; unknown ones are left out.
    `kept`: which values are worth keeping; all, unless told otherwise.
    """

    def __init__(
        self,
        load: Callable[[list[str]], Mapping[str, V]],
        *,
        seconds: float,
        size: int,
        kept: Callable[[V | None], bool] = lambda _: True,
        timer: Callable[[], float] = _wall_clock,
    ) -> None:
        self._load = load
        self._kept = kept
        self._values: TTLCache[str, V | None] = TTLCache(size, seconds, timer)
        self._lock = Lock()

    def get(self, ids: Iterable[str]) -> dict[str, V]:
        """The values by id; unknown ones are left out. Raises what `load` raises."""
        wanted = list(dict.fromkeys(ids))
        # Held while reading: who wants the same meanwhile waits, and finds it here.
        with self._lock:
            found = dict(self._known(wanted))
            missing = [one for one in wanted if one not in found]
            read: Mapping[str, V] = self._load(missing) if missing else {}
            for one in missing:
                found[one] = read.get(one)
                if self._kept(found[one]):
                    self._values[one] = found[one]
        return {one: value for one, value in found.items() if value is not None}

    def _known(self, ids: Iterable[str]) -> Iterator[tuple[str, V | None]]:
        for one in ids:
            # Not asked whether it is there first: it may expire between the two.
            with suppress(KeyError):
                yield one, self._values[one]

    def clear(self) -> None:
        with self._lock:
            self._values.clear()
