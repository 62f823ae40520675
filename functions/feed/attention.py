"""What people look at, visit, like and comment on, remembered for the order of their feeds."""

from collections.abc import Sequence
from dataclasses import dataclass

from functions.accounts import service as accounts
from functions.feed import affinity, encounters, signals
from functions.feed.affinity import Key
from functions.posts import service as posts
from functions.posts.service import Post
from heliograph.events import DomainEvent, ProfilesVisited


@dataclass(frozen=True)
class Interest:
    """A post that somebody has met. `strength`: in whole per cent, see `affinity`."""

    post: Post
    strength: int


@dataclass(frozen=True)
class Attention:
    """What somebody has given attention to: posts, and profiles."""

    user_id: str
    posts: Sequence[Interest]
    visits: Sequence[tuple[Key, int]]


def paid(event: DomainEvent) -> Attention | None:
    """The attention that an event tells of, as far as it counts.

    Only posts of others that may be seen count, and accounts that there are: a list says what a client likes to say.
    Nothing counts of who has deleted their account.
    """
    user_id, strengths = signals.told(event)
    visited = event.profile_ids if isinstance(event, ProfilesVisited) else []
    people = accounts.profiles([user_id, *visited])
    person = people.get(user_id)
    if person is None or person.is_deactivated:
        return None
    met = [item.post for item in posts.visible(posts.seen(user_id, strengths)) if item.post.user_id != user_id]
    interest = [Interest(post, strengths[post.post_id]) for post in met]
    return Attention(user_id, interest, signals.visits(event, people))


def take(event: DomainEvent) -> None:
    """Remember what an event tells, once, however often and late it comes."""
    attention = paid(event)
    if attention is None:
        return
    met = [(affinity.key(item.post.user_id, item.post.post_id), item.strength) for item in attention.posts]
    if interest := [*met, *attention.visits]:
        encounters.merge(attention.user_id, interest)
