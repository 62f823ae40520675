"""What feeds know of one person, for state machines: see `heliograph.personal`.

Nothing is exported: a feed holds what others have posted. Entries in feeds of others go with the posts and the ties.
"""

from typing import Any

from functions.feed import readers, store, timelines
from heliograph import personal
from heliograph.tables import Slice

ERASED = 100


def _erase_feed(user_id: str, _after: Any) -> Slice[str]:
    """What is erased is no longer found: each page is the first."""
    readers.drop(user_id)
    timelines.drop(user_id)
    erased = store.clear(user_id, ERASED)
    return Slice(erased, "more" if len(erased) == ERASED else None)


EXPORTS: dict[str, personal.Section] = {}
ERASURES: dict[str, personal.Section] = {"feed": _erase_feed}

handler = personal.handler(EXPORTS, ERASURES)
