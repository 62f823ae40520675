"""Queues of discovery."""

import json

from functions.discovery import indexing, privacy, tagging
from functions.discovery.index import Key
from heliograph import ids, queues
from heliograph.consumers import batch_consumer, consumer
from heliograph.events import (
    CounterChanged,
    DomainEvent,
    PopularityMoved,
    PostChanged,
    PostDeleted,
    PostPublished,
    PrivacySwitched,
    UserChanged,
    UserDeleted,
    wrap,
)


def _index(told: list[DomainEvent]) -> list[DomainEvent]:
    """Write what the events name, each once; those whose document was refused."""
    refused = indexing.settle(key for event in told if (key := _key(event)))
    return [event for event in told if _key(event) in refused]


def _key(event: DomainEvent) -> Key | None:
    match event:
        case UserChanged() | UserDeleted() | PrivacySwitched():
            return "users", event.user_id
        case PostPublished() | PostChanged() | PostDeleted():
            return "posts", event.post_id
        case PopularityMoved():
            return ("users" if event.kind == "user" else "posts"), event.id
        case CounterChanged(kind="hashtag"):
            return "hashtags", event.id
        case _:
            return None


def _settle_author(event: DomainEvent) -> None:
    if isinstance(event, PrivacySwitched):
        after = privacy.settle(event.user_id, event.after)
        if after is not None:
            rest = event.model_copy(update={"after": after})
            queues.send_back([json.dumps({"detail": wrap(rest, event_id=ids.new_id())})])


def _count_hashtags(event: DomainEvent) -> None:
    match event:
        case PostPublished() | PostDeleted():
            tagging.settle(event.post_id, event.hashtags)
        case PostChanged():
            tagging.settle(event.post_id, [*event.hashtags, *event.former_hashtags])
        case _:
            pass


index = batch_consumer(_index, later=queues.put_off)
settle_author = consumer(_settle_author, later=queues.put_off)
count_hashtags = consumer(_count_hashtags)
