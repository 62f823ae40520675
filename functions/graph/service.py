"""Use cases of the graph, and the one rule of who may see what."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from functions.accounts import service as accounts
from functions.accounts.service import Profile
from functions.graph import store, ties
from functions.graph.store import FOLLOWER_SHARDS, BlockItem, EdgeItem
from functions.graph.ties import Following, Pair
from heliograph import clock, transactions
from heliograph.errors import Forbidden, Invalid, NotFound
from heliograph.events import Blocked, DomainEvent, Followed, Unfollowed
from heliograph.outbox import Change
from heliograph.reading import Skeleton
from heliograph.tables import Slice

__all__ = ["FOLLOWER_SHARDS", "BlockItem", "EdgeItem"]

Audience = Literal["everyone", "followers", "closeFriends"]
FollowState = Literal["following", "requested", "none"]
STATES: dict[Following, FollowState] = {"yes": "following", "requested": "requested", "no": "none"}


@dataclass(frozen=True)
class Relationship:
    """What an owner is to a viewer. `close_friend`: I marked them; `close_friend_of`: they marked me."""

    following: Following = "no"
    followed_by: bool = False
    blocking: bool = False
    blocked_by: bool = False
    muting: bool = False
    close_friend: bool = False
    close_friend_of: bool = False


@dataclass(frozen=True)
class Viewer:
    """Somebody who looks, with what each owner in question is to them."""

    user_id: str
    relationships: Mapping[str, Relationship]

    def towards(self, owner_id: str) -> Relationship:
        return self.relationships.get(owner_id, Relationship())


def viewer(viewer_id: str, owner_ids: Iterable[str]) -> Viewer:
    """The viewer, with the relationships to these owners, in one batched read."""
    return Viewer(viewer_id, {other: _relationship(pair) for other, pair in store.pairs(viewer_id, owner_ids).items()})


def may_view(viewer: Viewer, owner: Profile, audience: Audience) -> bool:
    """Whether `viewer` may see what `owner` shows to `audience`. The single visibility rule: every answer asks it.

    "everyone": the profile itself. "followers": posts and stories; those of a public account are open to all.
    "closeFriends": only those whom the owner marked. A block, in either direction, hides everything; so does an
    account's coming deletion.
    """
    if viewer.user_id == owner.user_id:
        return True
    if owner.is_deactivated:
        return False
    relationship = viewer.towards(owner.user_id)
    if relationship.blocking or relationship.blocked_by:
        return False
    if audience == "everyone":
        return True
    if owner.is_private and relationship.following != "yes":
        return False
    return audience == "followers" or relationship.close_friend_of


@dataclass(frozen=True)
class SeenProfile:
    """A profile as somebody sees it."""

    profile: Profile
    relationship: Relationship


def seen_profile(viewer_id: str, user_id: str) -> SeenProfile:
    """A profile by id. Raises NotFound, also for who was blocked; the blocker may look, to undo it."""
    profile = accounts.profile(user_id)
    looking = viewer(viewer_id, [user_id])
    relationship = looking.towards(user_id)
    undoable = relationship.blocking and not relationship.blocked_by
    if not (undoable or may_view(looking, profile, "everyone")):
        raise NotFound
    return SeenProfile(profile, relationship)


def seen_profile_by_username(viewer_id: str, username: str) -> SeenProfile:
    """A profile by username in any case. Raises NotFound."""
    found = accounts.by_usernames([username])
    if not found:
        raise NotFound
    return seen_profile(viewer_id, next(iter(found.values())))


def follow(me: str, other: str) -> FollowState:
    """Follow a public account, ask a private one. Raises NotFound, Invalid (myself), Forbidden (I blocked them)."""
    if me == other:
        raise Invalid.field("userId", "nobody follows themselves")
    owner = accounts.profile(other)
    change = ties.follow(clock.now(), private=owner.is_private)

    def unless_blocked(pair: Pair) -> Pair:
        if pair.theirs.blocking:
            raise NotFound
        if pair.mine.blocking:
            raise Forbidden("Unblock this account first")
        return change(pair)

    return STATES[_change(me, other, unless_blocked).mine.following]


def unfollow(me: str, other: str) -> FollowState:
    """Stop following, or take a request back."""
    return STATES[_change(me, other, ties.unfollow).mine.following]


def accept(me: str, requester: str) -> None:
    """Accept a follow request. Raises NotFound when there is none and they do not follow already."""
    if _change(me, requester, ties.accept(clock.now())).theirs.following != "yes":
        raise NotFound("No such follow request")


def decline(me: str, requester: str) -> None:
    _change(me, requester, ties.decline)


def remove_follower(me: str, follower: str) -> None:
    _change(me, follower, ties.remove_follower)


def block(me: str, other: str) -> None:
    """Sever both directions and hide each from the other. Raises NotFound, Invalid (myself)."""
    _stance(me, other, ties.block)


def unblock(me: str, other: str) -> None:
    _stance(me, other, ties.unblock)


def mute(me: str, other: str, *, on: bool) -> None:
    _stance(me, other, ties.mute(on))


def close_friend(me: str, other: str, *, on: bool) -> None:
    _stance(me, other, ties.close_friend(on))


@dataclass(frozen=True)
class Person:
    """A profile about to be shown to a viewer."""

    profile: Profile
    viewer: Viewer


def hydrate_people(viewer_id: str, user_ids: list[str]) -> list[Person]:
    """Profiles and the viewer's relationships to them, batched; unknown ids are left out."""
    found = accounts.profiles(user_ids)
    looking = viewer(viewer_id, found)
    return [Person(found[user_id], looking) for user_id in user_ids if user_id in found]


def existing_people(people: list[Person]) -> list[Person]:
    """All but those who have deleted their account: for the one list that shows blocked accounts."""
    return [person for person in people if not person.profile.is_deactivated]


def visible_people(people: list[Person]) -> list[Person]:
    return [person for person in people if may_view(person.viewer, person.profile, "everyone")]


def follower_page(user_id: str, shard: int, after: str | None, limit: int) -> Slice[str]:
    """Ids of followers in one of the FOLLOWER_SHARDS shards: the unit of work of a fan-out."""
    return store.followers(user_id, shard, after, limit)


def followees(user_id: str, after: str | None, limit: int) -> Slice[str]:
    """Ids of the accounts somebody follows, in key order."""
    return store.followees(user_id, after, limit)


def follows(me: str, other: str) -> bool:
    """Whether somebody follows somebody, as last written."""
    return store.read_pair(me, other).pair.mine.following == "yes"


def followers_seen_by(viewer_id: str, user_id: str) -> Skeleton[str]:
    """The followers of an account, for those who may see its posts. Raises NotFound."""
    _must_see_lists(viewer_id, user_id)
    return partial(store.all_followers, user_id)


def followees_seen_by(viewer_id: str, user_id: str) -> Skeleton[str]:
    """Whom an account follows, for those who may see its posts. Raises NotFound."""
    _must_see_lists(viewer_id, user_id)
    return partial(store.followees, user_id)


def requests_to(me: str) -> Skeleton[str]:
    return partial(store.requesters, me)


def muted_by(me: str) -> Skeleton[str]:
    return partial(store.muted, me)


def close_friends_of(me: str) -> Skeleton[str]:
    return partial(store.close_friends, me)


def blocked_by(me: str) -> Skeleton[str]:
    return partial(store.blocked, me)


def ties_of(user_id: str, after: Any, limit: int) -> Slice[str]:
    """Ids of all accounts that have a tie with this one, in either direction. An id may come twice.

    Complete while no tie is added; those that were read may be severed meanwhile.
    """
    return store.tied(user_id, after, limit)


def sever(user_id: str, other: str) -> None:
    """Leave nothing between two accounts in either direction: no tie, no block, nothing counted. Idempotent."""
    _change(user_id, other, ties.sever)


def announced_edge(change: Change[EdgeItem]) -> Iterator[DomainEvent]:
    """The events that a change to the follows table means; only ties speak, lists repeat them."""
    item = change.new or change.old
    if item is None or not item.edge.startswith("out#"):
        return
    before, after = (image is not None and image.following == "yes" for image in (change.old, change.new))
    if after and not before:
        yield Followed(follower_id=item.follower_id, followee_id=item.followee_id)
    if before and not after:
        yield Unfollowed(follower_id=item.follower_id, followee_id=item.followee_id)


def announced_block(change: Change[BlockItem]) -> Iterator[DomainEvent]:
    """The events that a change to the blocks table means."""
    if change.new is not None and change.old is None:
        yield Blocked(blocker_id=change.new.blocker_id, blocked_id=change.new.blocked_id)


def _stance(me: str, other: str, change: ties.Change) -> None:
    if me == other:
        raise Invalid.field("userId", "this is your own account")
    accounts.profile(other)
    _change(me, other, change)


def _change(me: str, other: str, change: ties.Change) -> Pair:
    """Apply a pure change to a pair; read and try again when somebody else changed it meanwhile."""

    def attempt() -> Pair:
        known = store.read_pair(me, other)
        after = change(known.pair)
        if after != known.pair:
            store.write_pair(me, other, known, after)
        return after

    return transactions.while_unchanged(attempt)


def _relationship(pair: Pair) -> Relationship:
    return Relationship(
        following=pair.mine.following,
        followed_by=pair.theirs.following == "yes",
        blocking=pair.mine.blocking,
        blocked_by=pair.theirs.blocking,
        muting=pair.mine.muting,
        close_friend=pair.mine.close_friend,
        close_friend_of=pair.theirs.close_friend,
    )


def _must_see_lists(viewer_id: str, user_id: str) -> None:
    if not may_view(viewer(viewer_id, [user_id]), accounts.profile(user_id), "followers"):
        raise NotFound
