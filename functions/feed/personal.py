"""What feeds know of one person, for state machines: see `heliograph.personal`.

A feed is not exported: it holds what others have posted. Entries in feeds of others go with the posts and the ties.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from functions.feed import encounters, readers, store, timelines
from heliograph import personal
from heliograph.tables import Slice

ERASED = 100


@dataclass(frozen=True)
class Encounter:
    """A post that the person has met, or the day of a visit to its author's profile.

    `interest`: 0 to 1, as their likes, comments, looks and visits tell.
    """

    author_id: str
    post_made_at: datetime
    interest: float


def _erase_feed(user_id: str, _after: Any) -> Slice[str]:
    """What is erased is no longer found: each page is the first."""
    readers.drop(user_id)
    timelines.drop(user_id)
    erased = store.clear(user_id, ERASED)
    return Slice(erased, "more" if len(erased) == ERASED else None)


def _encounters(user_id: str, _after: Any) -> Slice[Encounter]:
    return Slice(list(_met(user_id)), None)


def _met(user_id: str) -> Iterator[Encounter]:
    for (author_id, made_at), strength in encounters.find(user_id).items():
        yield Encounter(author_id, datetime.fromtimestamp(made_at, UTC), strength / 100)


def _erase_encounters(user_id: str, _after: Any) -> Slice[str]:
    encounters.forget(user_id)
    return Slice([user_id], None)


EXPORTS: dict[str, personal.Section] = {"encounters": _encounters}
ERASURES: dict[str, personal.Section] = {"feed": _erase_feed, "encounters": _erase_encounters}

handler = personal.handler(EXPORTS, ERASURES)
