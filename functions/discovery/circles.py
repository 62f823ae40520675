"""Whom people who search follow, and with whom they stand in a block, as this process has lately read it.

Only the order and the length of what a search finds rest on it; who may see it is decided for each answer anew.
"""

from functions.discovery.queries import Circle
from functions.graph import service as graph
from heliograph.hot import HotCache

# Read with some 30 units, a minute apart. Of more, those whose accounts are the oldest.
MOST_FOLLOWED = 1_000
FOLLOWED_SECONDS = 60.0
# Whom somebody has unblocked, they look for next.
BLOCKED_SECONDS = 5.0
VIEWERS = 200


def of(viewer_id: str) -> Circle:
    return Circle(
        followed=_followed.get([viewer_id])[viewer_id],
        blocked=_blocked.get([viewer_id])[viewer_id],
    )


def forget() -> None:
    """For tests: nobody has been seen."""
    _followed.clear()
    _blocked.clear()


def _read_followed(viewer_ids: list[str]) -> dict[str, tuple[str, ...]]:
    return {viewer: tuple(graph.followees(viewer, None, MOST_FOLLOWED).items) for viewer in viewer_ids}


def _read_blocked(viewer_ids: list[str]) -> dict[str, tuple[str, ...]]:
    return {viewer: tuple(sorted(graph.blocks_with(viewer))) for viewer in viewer_ids}


_followed = HotCache(_read_followed, seconds=FOLLOWED_SECONDS, size=VIEWERS)
_blocked = HotCache(_read_blocked, seconds=BLOCKED_SECONDS, size=VIEWERS)
