"""What events tell of somebody's interest in posts."""

from collections.abc import Container, Mapping

from functions.feed import affinity
from functions.feed.affinity import Key
from heliograph.events import CommentAdded, DomainEvent, PostLiked, PostsViewed, ProfilesVisited


def visits(event: DomainEvent, known: Container[str]) -> list[tuple[Key, int]]:
    """The encounters with others whose profiles somebody says they have visited. `known`: the accounts there are."""
    if not isinstance(event, ProfilesVisited):
        return []
    others = (one for one in event.profile_ids if one in known and one != event.user_id)
    return [(affinity.visit(profile_id, event.visited_at), affinity.VISITED) for profile_id in others]


def told(event: DomainEvent) -> tuple[str, Mapping[str, int]]:
    """Who has met which posts, and the strength of each encounter: see `affinity`. Pure."""
    match event:
        case PostLiked():
            return event.user_id, {event.post_id: affinity.LIKED}
        case CommentAdded():
            return event.author_id, {event.post_id: affinity.COMMENTED}
        case PostsViewed():
            return event.user_id, {view.post_id: affinity.look(view.milliseconds) for view in event.views}
        case ProfilesVisited():
            return event.user_id, {}
        case _:
            return "", {}
