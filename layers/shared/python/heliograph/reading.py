"""Reading is a pipeline: skeleton (keys) -> hydrate (batched) -> rules (pure: what may be seen) -> present (views).

Every list of somebody's content is these four functions. A page that the rules thinned out is refilled.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from heliograph.tables import Slice

K = TypeVar("K")
H = TypeVar("H")
V = TypeVar("V")
REFILLS = 4

# (position, count) -> the next keys after the position; None is the start.
Skeleton = Callable[[Any, int], Slice[K]]


@dataclass(frozen=True)
class Pipeline(Generic[K, H, V]):
    """The four steps; all but the skeleton have one argument and one result."""

    skeleton: Skeleton[K]
    hydrate: Callable[[list[K]], list[H]]
    rules: Callable[[list[H]], list[H]]
    present: Callable[[list[H]], list[V]]

    def page(self, position: Any, limit: int) -> Slice[V]:
        """At most `limit` views after `position`. Work is bounded: a page may come back short with a next position."""
        views: list[V] = []
        for _ in range(1 + REFILLS):
            keys = self.skeleton(position, limit - len(views))
            position = keys.next
            views += self.present(self.rules(self.hydrate(keys.items))) if keys.items else []
            if position is None or len(views) >= limit:
                break
        return Slice(views, position)
