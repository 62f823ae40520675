"""Streams and queues of posts."""

from functions.posts import announcements, conversation, saving, service
from heliograph.consumers import consumer
from heliograph.counters import Counter
from heliograph.events import CommentDeleted, CounterChanged, DomainEvent, MediaReady, MediaRejected, PostDeleted
from heliograph.outbox import publisher

publish_posts = publisher(announcements.PostItem, announcements.post_announced)
publish_likes = publisher(announcements.LikeItem, announcements.like_announced)
publish_comments = publisher(announcements.CommentItem, announcements.comment_announced)
publish_comment_likes = publisher(announcements.CommentLikeItem, announcements.comment_like_announced)


def _materialise(event: DomainEvent) -> None:
    if isinstance(event, CounterChanged):
        owner = conversation if event.kind == "comment" else service
        owner.materialise(Counter(event.kind, event.id, event.name))


def _publish_ready(event: DomainEvent) -> None:
    if isinstance(event, MediaReady | MediaRejected):
        post_id = (event.attached_to or "").removeprefix("post#")
        if event.attached_to == f"post#{post_id}":
            service.settle(post_id)


def _forget(event: DomainEvent) -> None:
    if isinstance(event, PostDeleted):
        conversation.forget(event.post_id)
        saving.forget(event.post_id)
    elif isinstance(event, CommentDeleted):
        conversation.forget_comment(event.comment_id)


materialise = consumer(_materialise)
publish_ready = consumer(_publish_ready)
forget = consumer(_forget)
