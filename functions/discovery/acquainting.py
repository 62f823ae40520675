"""Whom one might want to follow: what speaks for an account, and what that is worth. Pure.

    score = 1.0 friends + 0.8 follows me + 0.6 interests + 0.2 popular        each between 0 and 1

friends: of the viewer who follow the account, each worth 1 / ln(2 + how many they follow): who follows everybody tells
little of anybody (Adamic and Adar, "Friends and neighbors on the Web", 2003); their sum s counts as s / (s + 0.3).
follows me: whether they follow the viewer, who does not follow them.
interests: of hashtags that the account uses, 1 - the product of (1 - the viewer's affinity to each).
popular: log(1 + followers), 1 from a million on; half of it and a half more for who is verified.

Equals are ordered by id.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from math import log, log1p, prod

FRIENDS, FOLLOWS_ME, INTERESTS, POPULAR = 1.0, 0.8, 0.6, 0.2
HALF_FRIENDS = 0.3
MANY_FOLLOWERS = log1p(1_000_000)


@dataclass(frozen=True)
class Friend:
    """Somebody whom the viewer follows, and whose lists they may read. `followees`: how many they follow."""

    user_id: str
    username: str
    followees: int


@dataclass(frozen=True)
class Fame:
    """What the index says of an account that many follow."""

    followers: int
    is_verified: bool


@dataclass(frozen=True)
class Signals:
    """What speaks for an account. `friends`: who follow it. `topics`: that it uses, with the viewer's affinity."""

    friends: tuple[Friend, ...] = ()
    follows_me: bool = False
    topics: Mapping[str, float] = field(default_factory=dict[str, float])
    fame: Fame | None = None


def together(
    followed_by: Iterable[tuple[Friend, Iterable[str]]],
    followers: Iterable[str],
    authors: Mapping[str, Mapping[str, float]],
    famous: Mapping[str, Fame],
) -> dict[str, Signals]:
    """What speaks for each account: whom friends follow, who follows me, who writes of what I like, who is known."""
    found: dict[str, Signals] = {}
    for friend, followees in followed_by:
        for one in followees:
            known = found.get(one, Signals())
            found[one] = replace(known, friends=(*known.friends, friend))
    for one in followers:
        found[one] = replace(found.get(one, Signals()), follows_me=True)
    for one, topics in authors.items():
        found[one] = replace(found.get(one, Signals()), topics=topics)
    for one, fame in famous.items():
        found[one] = replace(found.get(one, Signals()), fame=fame)
    return found


def score(signals: Signals) -> float:
    """What an account is worth as a suggestion."""
    acquaintance = sum(1 / log(2 + max(1, friend.followees)) for friend in signals.friends)
    return (
        FRIENDS * acquaintance / (acquaintance + HALF_FRIENDS)
        + FOLLOWS_ME * signals.follows_me
        + INTERESTS * (1 - prod(1 - affinity for affinity in signals.topics.values()))
        + POPULAR * (_popularity(signals.fame) if signals.fame else 0)
    )


def ordered(found: Mapping[str, Signals]) -> list[str]:
    """The accounts, the best suggestion first."""
    return sorted(found, key=lambda one: (-score(found[one]), one))


def _popularity(fame: Fame) -> float:
    return min(1.0, log1p(fame.followers) / MANY_FOLLOWERS) / 2 + fame.is_verified / 2
