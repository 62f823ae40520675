"""Use cases of the graph, and the one rule of who may see what."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from functions.accounts import service as accounts
from functions.accounts.service import Profile
from functions.graph import store, ties
from functions.graph.cache import PairCache
from functions.graph.store import FOLLOWER_SHARDS
from functions.graph.ties import Following, Pair
from heliograph import clock, counters, limits, transactions
from heliograph.errors import Conflict, Forbidden, Invalid, NotFound
from heliograph.limits import Limit
from heliograph.reading import Skeleton
from heliograph.tables import Slice

__all__ = ["FOLLOWER_SHARDS"]

Audience = Literal["everyone", "followers", "closeFriends"]
FollowState = Literal["following", "requested", "none"]
seen = PairCache()

# A queue hands over ten messages at once, and all of them must fit into the time that a function has.
OPENED_AT_ONCE = 50
# More than nearly anybody has; these are read with three units.
MOST_HIDDEN = 200
# A search is told to leave so many out, and reads them with 15 units; nearly nobody has as many.
MOST_BLOCKS = 1_000
# Nobody who reads what they follow is faster; who sells followers is.
FOLLOW = Limit("follow", burst=60, per_second=60 / 3600)
STATES: dict[Following, FollowState] = {"yes": "following", "requested": "requested", "no": "none"}


@dataclass(frozen=True)
class Relationship:
    """What an owner is to a viewer. `close_friend`: I marked them; `close_friend_of`: they marked me."""

    following: Following = "no"
    followed_by: bool = False
    blocking: bool = False
    blocked_by: bool = False
    muting_posts: bool = False
    muting_stories: bool = False
    close_friend: bool = False
    close_friend_of: bool = False
    post_notifications: bool = False

    @property
    def muting(self) -> bool:
        return self.muting_posts or self.muting_stories


@dataclass(frozen=True)
class Viewer:
    """Somebody who looks, with what each owner in question is to them."""

    user_id: str
    relationships: Mapping[str, Relationship]

    def towards(self, owner_id: str) -> Relationship:
        return self.relationships.get(owner_id, Relationship())


# Somebody without an account, to whom nobody is anything.
ANONYMOUS = Viewer("", {})


def viewer(viewer_id: str, owner_ids: Iterable[str]) -> Viewer:
    """The viewer, with the relationships to these owners as `cache` knows them: 5 seconds old at most."""
    return Viewer(viewer_id, {other: _relationship(pair) for other, pair in seen.pairs(viewer_id, owner_ids).items()})


def viewer_of_feed(viewer_id: str, author_ids: Iterable[str], exactly: Iterable[str]) -> Viewer:
    """The viewer towards authors whose posts are in their feed, as far as that decides what they may see, at one read.

    Nothing comes into a feed but of those whom its owner follows; so they follow them still, unless it is noted that
    they do not, or mute them. A block ends all following. Always as last written, up to the lag of DynamoDB's replicas.
    `exactly`: those of whom all must be known; they are read as by `viewer`.
    """
    hidden = store.hidden(viewer_id, MOST_HIDDEN)
    if hidden is None:
        return viewer(viewer_id, author_ids)
    known = viewer(viewer_id, exactly).relationships
    following = {other: Relationship(following="no" if other in hidden else "yes") for other in author_ids}
    return Viewer(viewer_id, {**following, **known})


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
    """Follow a public account, ask a private one.

    Raises NotFound, Invalid (myself), Forbidden (I blocked them), Conflict (I follow as many as one can), Exhausted.
    """
    if me == other:
        raise Invalid.field("userId", "nobody follows themselves")
    owner = accounts.profile(other)
    following = _follow(me, other, private=owner.is_private)
    if following == "requested" and accounts.is_public(other):
        # It went public meanwhile, and its requests may have been looked through before this one was there.
        following = _follow(me, other, private=False)
    return STATES[following]


def unfollow(me: str, other: str) -> FollowState:
    """Stop following, or take a request back."""
    return STATES[_change(me, other, ties.unfollow).mine.following]


def accept(me: str, requester: str) -> None:
    """Let somebody follow who asked to.

    Raises NotFound when they neither ask nor follow already, Conflict when they follow as many as one can.
    """
    if _change(me, requester, ties.accept(clock.now())).theirs.following != "yes":
        raise NotFound("No such follow request")


def open_requests(user_id: str) -> bool:
    """Let the first who asked an account follow, if it is public by now. Whether there are more of them.

    Who follows as many as one can is turned down. Once the account is private again nobody is let in. Idempotent.
    """
    waiting = store.requesters(user_id, None, OPENED_AT_ONCE, consistent=True)
    for requester in waiting.items:
        if not _open_request(user_id, requester):
            return False
    return waiting.next is not None


def decline(me: str, requester: str) -> None:
    _change(me, requester, ties.decline)


def remove_follower(me: str, follower: str) -> None:
    _change(me, follower, ties.remove_follower)


def block(me: str, other: str) -> None:
    """Sever both directions and hide each from the other. Raises NotFound, Invalid (myself)."""
    _stance(me, other, ties.block)


def unblock(me: str, other: str) -> None:
    _stance(me, other, ties.unblock)


def mute(me: str, other: str, *, posts: bool, stories: bool) -> None:
    """Set what of somebody is muted. Raises NotFound, Invalid (myself), Forbidden (I blocked them)."""
    _stance(me, other, _unless_blocked(ties.mute(posts=posts, stories=stories)))


def close_friend(me: str, other: str, *, on: bool) -> None:
    """Raises as `mute`."""
    _stance(me, other, _unless_blocked(ties.close_friend(on)))


def post_notifications(me: str, other: str, *, on: bool) -> None:
    """Be told of each new post of somebody, or no longer. Raises as `mute`, and Conflict (I do not follow them)."""
    change = ties.post_notifications(on)

    def while_following(pair: Pair) -> Pair:
        if on and pair.mine.following != "yes":
            raise Conflict("Only those who follow an account can be told of its posts")
        return change(pair)

    _stance(me, other, _unless_blocked(while_following))


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


def blocks_with(user_id: str) -> set[str]:
    """Ids of accounts that block somebody, or are blocked by them, to leave out of a search what `may_view` would drop.

    Nothing may rest on it: it is seconds old, and who has more than MOST_BLOCKS is told of so many.
    """
    return store.blocks_with(user_id, MOST_BLOCKS)


def follower_page(user_id: str, shard: int, after: str | None, limit: int) -> Slice[str]:
    """Ids of followers in one of the FOLLOWER_SHARDS shards: the unit of work of a fan-out."""
    return store.followers(user_id, shard, after, limit)


def followees(user_id: str, after: str | None, limit: int) -> Slice[str]:
    """Ids of the accounts somebody follows, in key order."""
    return store.followees(user_id, after, limit)


def follows(me: str, other: str) -> bool:
    """Whether somebody follows somebody, as last written."""
    return store.read_pair(me, other).pair.mine.following == "yes"


def notifies(me: str, other: str) -> bool:
    """Whether somebody wants to be told of each new post of an account. Read consistently."""
    return store.pairs(me, [other], consistent=True)[other].mine.post_notifications


def notifying(user_id: str, limit: int) -> list[str]:
    """Ids of the accounts of whose posts somebody wants to be told."""
    return store.notifying(user_id, None, limit).items


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
    for one, another in ((user_id, other), (other, user_id)):
        store.unhide(one, [another])


def unhide(user_id: str) -> None:
    """Forget whose posts are hidden from somebody's feed, when there is no feed any more."""
    store.unhide(user_id)


def _follow(me: str, other: str, *, private: bool) -> Following:
    change = _unless_blocked(_at_a_pace(me, ties.follow(clock.now(), private=private)))
    return _change(me, other, change).mine.following


def _at_a_pace(me: str, change: ties.Change) -> ties.Change:
    """The change, if it is one, spends of what I may follow in an hour."""

    def spending(pair: Pair) -> Pair:
        after = change(pair)
        if after != pair:
            limits.spend(FOLLOW, me)
        return after

    return spending


def _open_request(user_id: str, requester: str) -> bool:
    """Accept or turn down one request to a public account; False when the account is private and it had to stay."""
    try:
        after = _change_while_public(user_id, requester, ties.accept(clock.now()))
    except Conflict:
        after = _change_while_public(user_id, requester, ties.decline)
    return after.theirs.following != "requested"


def _change_while_public(me: str, other: str, change: ties.Change) -> Pair:
    def unless_private(pair: Pair) -> Pair:
        return change(pair) if accounts.is_public(me) else pair

    return _change(me, other, unless_private, lambda transaction: accounts.check_public(transaction, me))


def _stance(me: str, other: str, change: ties.Change) -> None:
    if me == other:
        raise Invalid.field("userId", "this is your own account")
    accounts.profile(other)
    _change(me, other, change)


def _unless_blocked(change: ties.Change) -> ties.Change:
    def checked(pair: Pair) -> Pair:
        if pair.theirs.blocking:
            raise NotFound
        if pair.mine.blocking:
            raise Forbidden("Unblock this account first")
        return change(pair)

    return checked


def _change(me: str, other: str, change: ties.Change, also: store.Build | None = None) -> Pair:
    """Apply a pure change to a pair; read and try again when somebody else changed it meanwhile.

    Raises Conflict when one of them would follow too many.
    """

    def attempt() -> Pair:
        known = store.read_pair(me, other)
        after = change(known.pair)
        if after != known.pair:
            store.write_pair(me, other, known, after, also)
        return after

    try:
        return transactions.while_unchanged(attempt)
    except counters.Full:
        raise Conflict(f"An account can follow {store.FOLLOWEES_LIMIT:,} others, and not more") from None
    finally:  # also when the outcome is not known
        seen.changed(me, other)


def _relationship(pair: Pair) -> Relationship:
    return Relationship(
        following=pair.mine.following,
        followed_by=pair.theirs.following == "yes",
        blocking=pair.mine.blocking,
        blocked_by=pair.theirs.blocking,
        muting_posts=pair.mine.muting_posts,
        muting_stories=pair.mine.muting_stories,
        close_friend=pair.mine.close_friend,
        close_friend_of=pair.theirs.close_friend,
        post_notifications=pair.mine.post_notifications,
    )


def _must_see_lists(viewer_id: str, user_id: str) -> None:
    if not may_view(viewer(viewer_id, [user_id]), accounts.profile(user_id), "followers"):
        raise NotFound
