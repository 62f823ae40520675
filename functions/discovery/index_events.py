"""The queues of the index. A room of its own: the client of the engine, which it imports, is heavy."""

import json

from functions.discovery import authors, indexing
from functions.discovery.index import Key
from functions.discovery.mappings import Kind
from heliograph import ids, queues
from heliograph.consumers import batch_consumer, consumer
from heliograph.events import (
    AuthorChanged,
    CounterChanged,
    DomainEvent,
    PopularityChanged,
    PostChanged,
    PostDeleted,
    PostPublished,
    UserChanged,
    UserDeleted,
    wrap,
)

_KINDS: dict[str, Kind] = {"user": "users", "post": "posts", "hashtag": "hashtags", "place": "places"}


def _index(told: list[DomainEvent]) -> list[DomainEvent]:
    """Write what the events name, each once; those whose document was refused."""
    refused = indexing.settle(key for event in told if (key := _key(event)))
    return [event for event in told if _key(event) in refused]


def _key(event: DomainEvent) -> Key | None:
    match event:
        case UserChanged() | UserDeleted() | AuthorChanged():
            return "users", event.user_id
        case PostPublished() | PostChanged() | PostDeleted():
            return "posts", event.post_id
        case PopularityChanged() | CounterChanged(kind="hashtag" | "place"):
            return _KINDS[event.kind], event.id
        case _:
            return None


def _settle_author(event: DomainEvent) -> None:
    if isinstance(event, AuthorChanged):
        after = authors.settle(event.user_id, event.after)
        if after is not None:
            rest = event.model_copy(update={"after": after})
            queues.send_back([json.dumps({"detail": wrap(rest, event_id=ids.new_id())})])


index = batch_consumer(_index, later=queues.put_off)
settle_author = consumer(_settle_author, later=queues.put_off)
