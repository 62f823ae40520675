"""How suggestions of people appear in answers."""

from typing import TYPE_CHECKING, Literal

from functions.accounts.views import ProfileSummary, summary
from heliograph.http import View

if TYPE_CHECKING:  # what searches need not wait for: see `api`
    from functions.discovery.acquainting import Signals
    from functions.discovery.people import Suggestion

NAMED = 3


class NamedUser(View):
    user_id: str
    username: str


class MutualsReason(View):
    """People whom I follow follow them. `users`: the first of them; `count`: of those who were asked."""

    type: Literal["mutuals"] = "mutuals"
    users: list[NamedUser]
    count: int


class FollowsYouReason(View):
    type: Literal["followsYou"] = "followsYou"


class InterestsReason(View):
    """They post of what I like; `hashtags`: those that I like most of it."""

    type: Literal["interests"] = "interests"
    hashtags: list[str]


class PopularReason(View):
    type: Literal["popular"] = "popular"


Reason = MutualsReason | FollowsYouReason | InterestsReason | PopularReason


class PersonSuggestion(ProfileSummary):
    """Somebody to follow. `reasons`: why; at least one."""

    reasons: list[Reason]


def present(suggestions: "list[Suggestion]") -> list[PersonSuggestion]:
    return [
        PersonSuggestion(**dict(summary(item.person.profile)), reasons=_reasons(item.signals)) for item in suggestions
    ]


def _reasons(signals: "Signals") -> list[Reason]:
    reasons: list[Reason] = []
    if signals.friends:
        named = [NamedUser(user_id=one.user_id, username=one.username) for one in signals.friends[:NAMED]]
        reasons.append(MutualsReason(users=named, count=len(signals.friends)))
    if signals.follows_me:
        reasons.append(FollowsYouReason())
    if signals.topics:
        reasons.append(InterestsReason(hashtags=list(signals.topics)[:NAMED]))
    if signals.fame:
        reasons.append(PopularReason())
    return reasons
