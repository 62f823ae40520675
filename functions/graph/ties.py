"""What one account is to another, as pure values: every use case of the graph is a function from pair to pair."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

Following = Literal["no", "requested", "yes"]


@dataclass(frozen=True)
class Tie:
    """One account's stance towards another. `since`: when it followed or asked."""

    following: Following = "no"
    since: datetime | None = None
    muting: bool = False
    close_friend: bool = False
    blocking: bool = False


@dataclass(frozen=True)
class Pair:
    """Both stances: `mine` towards the other account, `theirs` towards me."""

    mine: Tie = Tie()
    theirs: Tie = Tie()

    @property
    def blocked(self) -> bool:
        return self.mine.blocking or self.theirs.blocking


Change = Callable[[Pair], Pair]


def follow(now: datetime, *, private: bool) -> Change:
    """Follow, or ask a private account. Who follows or has asked already stays as they are."""

    def change(pair: Pair) -> Pair:
        if pair.mine.following == "yes" or (private and pair.mine.following == "requested"):
            return pair
        return replace(pair, mine=replace(pair.mine, following="requested" if private else "yes", since=now))

    return change


def unfollow(pair: Pair) -> Pair:
    """Stop following, or take the request back."""
    return replace(pair, mine=_apart(pair.mine))


def accept(now: datetime) -> Change:
    """Let the one who asked follow."""

    def change(pair: Pair) -> Pair:
        if pair.theirs.following != "requested":
            return pair
        return replace(pair, theirs=replace(pair.theirs, following="yes", since=now))

    return change


def decline(pair: Pair) -> Pair:
    """Turn down a request; somebody who follows already keeps following."""
    return replace(pair, theirs=_apart(pair.theirs)) if pair.theirs.following == "requested" else pair


def remove_follower(pair: Pair) -> Pair:
    """End their following of me; a pending request stays."""
    return replace(pair, theirs=_apart(pair.theirs)) if pair.theirs.following == "yes" else pair


def block(pair: Pair) -> Pair:
    """Block: nothing else is left between the two in either direction, except their own block of me."""
    return Pair(mine=Tie(blocking=True), theirs=Tie(blocking=pair.theirs.blocking))


def unblock(pair: Pair) -> Pair:
    return replace(pair, mine=replace(pair.mine, blocking=False))


def sever(_pair: Pair) -> Pair:
    """Nothing is left between the two in either direction."""
    return Pair()


def mute(on: bool) -> Change:  # noqa: FBT001
    return lambda pair: replace(pair, mine=replace(pair.mine, muting=on))


def close_friend(on: bool) -> Change:  # noqa: FBT001
    return lambda pair: replace(pair, mine=replace(pair.mine, close_friend=on))


def _apart(tie: Tie) -> Tie:
    return replace(tie, following="no", since=None)
