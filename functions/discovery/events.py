"""Queues of discovery."""

from functions.discovery import indexing, tagging, tasting
from heliograph.consumers import consumer
from heliograph.events import (
    CounterChanged,
    DomainEvent,
    PostChanged,
    PostDeleted,
    PostPublished,
    UserChanged,
    UserDeleted,
)


def _index(event: DomainEvent) -> None:
    match event:
        case UserChanged():
            indexing.user(event.user_id)
        case UserDeleted():
            indexing.deleted_user(event.user_id, event.version)
        case PostPublished() | PostChanged():
            indexing.post(event.post_id)
        case PostDeleted():
            indexing.deleted_post(event.post_id, event.version)
        case CounterChanged(kind="hashtag"):
            indexing.hashtag(event.id)
        case _:
            pass


def _count_hashtags(event: DomainEvent) -> None:
    match event:
        case PostPublished() | PostDeleted():
            tagging.settle(event.post_id, event.hashtags)
        case PostChanged():
            tagging.settle(event.post_id, [*event.hashtags, *event.former_hashtags])
        case _:
            pass


index = consumer(_index)
count_hashtags = consumer(_count_hashtags)
take_tastes = consumer(tasting.take)
