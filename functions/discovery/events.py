"""Queues of discovery."""

from functions.discovery import indexing, tasting
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
        case CounterChanged(kind="place"):
            indexing.place(event.id)
        case _:
            pass


index = consumer(_index)
take_tastes = consumer(tasting.take)
