"""The graph in plain Python: what every call should make of the facts, and what it should answer."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from functions.accounts import service as accounts
from functions.graph import service as graph
from functions.graph.service import Relationship
from heliograph.errors import DomainError

# ("yes", a, b): a follows b. Also "requested", "posts" and "stories" (muted), "close", "notified", "blocking";
# ("private", a, a): a's account is.
Fact = tuple[str, str, str]
Facts = frozenset[Fact]
Outcome = str | None

# Few enough to be reached among four people.
FOLLOWEES_LIMIT = 2


@dataclass(frozen=True)
class Call:
    """One use case, called by `me` about `other`. An account's privacy is its owner's alone: `other` is ignored."""

    name: str
    me: str
    other: str


CALLS: dict[str, Callable[[str, str], Any]] = {
    "follow": graph.follow,
    "unfollow": graph.unfollow,
    "accept": graph.accept,
    "decline": graph.decline,
    "remove_follower": graph.remove_follower,
    "block": graph.block,
    "unblock": graph.unblock,
    "mute": partial(graph.mute, posts=True, stories=True),
    "mute_stories": partial(graph.mute, posts=False, stories=True),
    "unmute": partial(graph.mute, posts=False, stories=False),
    "close_friend": partial(graph.close_friend, on=True),
    "no_close_friend": partial(graph.close_friend, on=False),
    "notify": partial(graph.post_notifications, on=True),
    "no_notify": partial(graph.post_notifications, on=False),
    "go_private": lambda me, _: accounts.edit(me, {"is_private": True}) and None,
    "go_public": lambda me, _: accounts.edit(me, {"is_private": False}) and None,
}
NOT_ACROSS_A_BLOCK = {
    "follow", "mute", "mute_stories", "unmute", "close_friend", "no_close_friend", "notify", "no_notify",
}  # fmt: skip
NOT_TO_MYSELF = NOT_ACROSS_A_BLOCK | {"block", "unblock"}


def outcome(call: Call) -> Outcome:
    """What the use case returns, or the name of the error with which it refuses."""
    try:
        return CALLS[call.name](call.me, call.other)
    except DomainError as error:
        return type(error).__name__


def predicted(facts: Facts, call: Call) -> tuple[Facts, Outcome]:
    """The facts after the call, and its outcome."""
    me, other = call.me, call.other
    if refusal := _refusal(facts, call):
        return facts, refusal
    if call.name == "follow":
        return _follow(facts, me, other)
    if call.name == "accept":
        return _accept(facts, me, other)
    gained, dropped = {
        "unfollow": ((), [("yes", me, other), ("requested", me, other), ("notified", me, other)]),
        "decline": ((), [("requested", other, me)]),
        "remove_follower": ((), [("yes", other, me), ("notified", other, me)]),
        "block": ([("blocking", me, other)], between(facts, {me, other}) - {("blocking", other, me)}),
        "unblock": ((), [("blocking", me, other)]),
        "mute": ([("posts", me, other), ("stories", me, other)], ()),
        "mute_stories": ([("stories", me, other)], [("posts", me, other)]),
        "unmute": ((), [("posts", me, other), ("stories", me, other)]),
        "close_friend": ([("close", me, other)], ()),
        "no_close_friend": ((), [("close", me, other)]),
        "notify": ([("notified", me, other)], ()),
        "no_notify": ((), [("notified", me, other)]),
        "go_private": ([("private", me, me)], ()),
        "go_public": ((), [("private", me, me)]),
    }[call.name]
    return facts - {*dropped} | {*gained}, "none" if call.name == "unfollow" else None


def _refusal(facts: Facts, call: Call) -> Outcome:
    me, other = call.me, call.other
    if me == other and call.name in NOT_TO_MYSELF:
        return "Invalid"
    if call.name in NOT_ACROSS_A_BLOCK and ("blocking", other, me) in facts:
        return "NotFound"
    if call.name in NOT_ACROSS_A_BLOCK and ("blocking", me, other) in facts:
        return "Forbidden"
    if call.name == "notify" and ("yes", me, other) not in facts:
        return "Conflict"
    return None


def _follow(facts: Facts, me: str, other: str) -> tuple[Facts, Outcome]:
    asked, follows = ("requested", me, other), ("yes", me, other)
    if follows in facts:
        return facts, "following"
    if ("private", other, other) in facts:
        return facts | {asked}, "requested"
    if _follows_enough(facts, me):
        return facts, "Conflict"
    return facts - {asked} | {follows}, "following"


def _accept(facts: Facts, me: str, requester: str) -> tuple[Facts, Outcome]:
    asked, follows = ("requested", requester, me), ("yes", requester, me)
    if asked not in facts:
        return facts, None if follows in facts else "NotFound"
    if _follows_enough(facts, requester):
        return facts, "Conflict"
    return facts - {asked} | {follows}, None


def _follows_enough(facts: Facts, person: str) -> bool:
    return sum((kind, a) == ("yes", person) for kind, a, _ in facts) >= FOLLOWEES_LIMIT


# --- Work in many transactions --------------------------------------------------------------------------------------


def erase(person: str) -> None:
    """As the erasure of an account does it: page by page, until there is nothing."""
    position: Any = None
    while True:
        page = graph.ties_of(person, position, 2)
        for other in page.items:
            graph.sever(person, other)
        position = page.next
        if position is None:
            return


def erase_expected(facts: Facts, person: str) -> Facts:
    return frozenset(fact for fact in facts if person not in fact[1:] or fact[0] == "private")


def become_public(person: str) -> None:
    """With what the queue does afterwards, turn by turn."""
    accounts.edit(person, {"is_private": False})
    while graph.open_requests(person):
        pass


def become_public_expected(facts: Facts, person: str) -> Facts:
    asking = [a for kind, a, b in facts if (kind, b) == ("requested", person)]
    follow = {("yes", a, person) for a in asking if not _follows_enough(facts, a)}
    return facts - {("private", person, person), *(("requested", a, person) for a in asking)} | follow


WORKS: dict[str, tuple[Callable[[str], None], Callable[[Facts, str], Facts]]] = {
    "erase": (erase, erase_expected),
    "become_public": (become_public, become_public_expected),
}


# --- Reading facts --------------------------------------------------------------------------------------------------


def between(facts: Iterable[Fact], people: set[str]) -> Facts:
    """What two are to one another, in both directions."""
    return frozenset(fact for fact in facts if people == {*fact[1:]})


def relationship(facts: Facts, me: str, other: str) -> Relationship:
    """What `other` is to `me`."""

    def mine(kind: str) -> bool:
        return (kind, me, other) in facts

    return Relationship(
        following="yes" if mine("yes") else "requested" if mine("requested") else "no",
        followed_by=("yes", other, me) in facts,
        blocking=mine("blocking"),
        blocked_by=("blocking", other, me) in facts,
        muting_posts=mine("posts"),
        muting_stories=mine("stories"),
        close_friend=mine("close"),
        close_friend_of=("close", other, me) in facts,
        post_notifications=mine("notified"),
    )
