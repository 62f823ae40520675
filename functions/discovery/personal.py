"""What discovery knows of one person, for state machines: see `heliograph.personal`.

Sessions of explore are not exported: they hold what others have posted, for an hour. A username is exported with the
profile. The index and the labels forget with the account and the posts themselves.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from functions.discovery import dismissals, explore_sessions, tastes, usernames
from heliograph import ids, personal
from heliograph.tables import Slice

EXPORTED = 500
ERASED = 100


@dataclass(frozen=True)
class Taste:
    """A post that the person has met. `interest`: 0 to 1, as their likes, comments and looks tell."""

    post_id: str
    post_made_at: datetime
    hashtags: tuple[str, ...]
    interest: float


@dataclass(frozen=True)
class Dismissal:
    """Somebody whom the person does not want to be told to follow."""

    user_id: str
    created_at: datetime


def _tastes(user_id: str, _after: Any) -> Slice[Taste]:
    known = tastes.find(user_id)
    found = [Taste(one, ids.created_at(one), met.topics, met.strength / 100) for one, met in sorted(known.items())]
    return Slice(found, None)


def _erase_tastes(user_id: str, _after: Any) -> Slice[str]:
    tastes.forget(user_id)
    return Slice([user_id], None)


def _dismissals(user_id: str, after: Any) -> Slice[Dismissal]:
    page = dismissals.page(user_id, after, EXPORTED)
    return Slice([Dismissal(item.dismissed_id, item.created_at) for item in page.items], page.next)


def _erase_dismissals(user_id: str, _after: Any) -> Slice[str]:
    """What is erased is no longer found: each page is the first."""
    erased = dismissals.clear(user_id, ERASED)
    return Slice(erased, "more" if len(erased) == ERASED else None)


def _erase_explore(user_id: str, _after: Any) -> Slice[str]:
    """What is erased is no longer found: each page is the first."""
    erased = explore_sessions.forget(user_id, ERASED)
    return Slice(erased, "more" if len(erased) == ERASED else None)


def _erase_username(user_id: str, _after: Any) -> Slice[str]:
    usernames.keep(user_id, None)
    return Slice([user_id], None)


EXPORTS: dict[str, personal.Section] = {"tastes": _tastes, "dismissals": _dismissals}
ERASURES: dict[str, personal.Section] = {
    "tastes": _erase_tastes,
    "explore": _erase_explore,
    "dismissals": _erase_dismissals,
    "usernames": _erase_username,
}

handler = personal.handler(EXPORTS, ERASURES)
