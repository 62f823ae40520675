"""A list that is put in order once, and read page by page: its position holds the ids that are left.

What such an order is made of changes from second to second, so made anew for each page it would show some twice and
others never.
"""

import base64
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from heliograph.tables import Slice

# As many as a cursor holds: 16 bytes each, and base64 twice.
MOST = 60


@dataclass(frozen=True)
class Ordered:
    """MOST ids at most. `degraded`: put in order without the index."""

    ids: list[str]
    degraded: bool = False


class Remainder:
    """A list while a page of it is read. `order` is called for the first page; `degraded` is known after any."""

    def __init__(self, order: Callable[[], Ordered]) -> None:
        self._order = order
        self.degraded = False

    def ids(self, position: Any, count: int) -> Slice[str]:
        """The next ids. A position is None or {"left", "degraded"}."""
        ordered = Ordered(_unpacked(position["left"]), position["degraded"]) if position else self._order()
        self.degraded = ordered.degraded
        left = ordered.ids[count:]
        following = {"left": _packed(left), "degraded": ordered.degraded} if left else None
        return Slice(ordered.ids[:count], following)


def _packed(ids: list[str]) -> str:
    return base64.b64encode(b"".join(uuid.UUID(one).bytes for one in ids)).decode()


def _unpacked(left: str) -> list[str]:
    packed = base64.b64decode(left)
    return [str(uuid.UUID(bytes=packed[start : start + 16])) for start in range(0, len(packed), 16)]
