"""What the graph knows of one person, for state machines: see `heliograph.personal`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from functions.accounts import service as accounts
from functions.graph import service, store
from heliograph import limits, personal
from heliograph.tables import Slice

EXPORTED = 100
ERASED = 25


@dataclass(frozen=True)
class Contact:
    """Somebody else as they are exported. `username`: None for an account that is gone."""

    user_id: str
    username: str | None


def _exported(people: Callable[[str, Any, int], Slice[str]]) -> personal.Section:
    """The section of a list of people."""

    def find(user_ids: list[str]) -> dict[str, Contact]:
        profiles = accounts.profiles(user_ids)
        names = {user_id: profile.username for user_id, profile in profiles.items()}
        return {user_id: Contact(user_id, names.get(user_id)) for user_id in user_ids}

    return lambda user_id, after: people(user_id, after, EXPORTED).looked_up(find)


def _sever(user_id: str, after: Any) -> Slice[str]:
    page = service.ties_of(user_id, after, ERASED)
    for other in page.items:
        service.sever(user_id, other)
    if page.next is None:
        service.unhide(user_id)
        limits.forget(service.FOLLOW, user_id)
    return page


EXPORTS: dict[str, personal.Section] = {
    "followers": _exported(store.all_followers),
    "following": _exported(store.followees),
    "follow_requests": _exported(store.requesters),
    "sent_follow_requests": _exported(store.asked),
    "blocks": _exported(store.blocked),
    "mutes": _exported(store.muted),
    "close_friends": _exported(store.close_friends),
}
ERASURES: dict[str, personal.Section] = {"ties": _sever}

handler = personal.handler(EXPORTS, ERASURES)
