"""The queue of labels. A room of its own: what the indexing consumer imports is heavy."""

from functions.discovery import labels, tagging
from heliograph.consumers import consumer
from heliograph.events import DomainEvent, PostChanged, PostDeleted, PostPublished


def _settle(event: DomainEvent) -> None:
    match event:
        case PostPublished():
            tagging.settle(event.post_id, event.hashtags)
        case PostDeleted():
            tagging.settle(event.post_id, labels.of(event.hashtags, event.place))
        case PostChanged():
            former = labels.of(event.former_hashtags, event.former_place)
            tagging.settle(event.post_id, [*event.hashtags, *former])
        case _:
            pass


settle = consumer(_settle)
