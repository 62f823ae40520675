"""What events tell of somebody's interest in posts."""

from collections.abc import Mapping

from functions.feed import affinity
from heliograph.events import CommentAdded, DomainEvent, PostLiked, PostsViewed


def told(event: DomainEvent) -> tuple[str, Mapping[str, int]]:
    """Who has met which posts, and the strength of each encounter: see `affinity`. Pure."""
    match event:
        case PostLiked():
            return event.user_id, {event.post_id: affinity.LIKED}
        case CommentAdded():
            return event.author_id, {event.post_id: affinity.COMMENTED}
        case PostsViewed():
            return event.user_id, {view.post_id: affinity.look(view.milliseconds) for view in event.views}
        case _:
            return "", {}
