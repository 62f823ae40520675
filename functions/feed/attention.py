"""What people look at, visit, like and comment on, remembered for the order of their feeds."""

from functions.accounts import service as accounts
from functions.feed import affinity, encounters, signals
from functions.posts import service as posts
from heliograph.events import DomainEvent, ProfilesVisited


def take(event: DomainEvent) -> None:
    """Remember what an event tells, once, however often and late it comes.

    Only posts of others that may be seen count, and accounts that there are: a list says what a client likes to say.
    Nothing is remembered of who has deleted their account.
    """
    user_id, strengths = signals.told(event)
    visited = event.profile_ids if isinstance(event, ProfilesVisited) else []
    people = accounts.profiles([user_id, *visited])
    person = people.get(user_id)
    if person is None or person.is_deactivated:
        return
    met = [item.post for item in posts.visible(posts.seen(user_id, strengths)) if item.post.user_id != user_id]
    interest = [(affinity.key(post.user_id, post.post_id), strengths[post.post_id]) for post in met]
    if interest := [*interest, *signals.visits(event, people)]:
        encounters.merge(user_id, interest)
