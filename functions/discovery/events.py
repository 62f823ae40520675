"""Queues of discovery; those of the index are in `index_events`."""

from functions.discovery import labels, naming, tagging, tasting
from heliograph.consumers import consumer
from heliograph.events import DomainEvent, PostChanged, PostDeleted, PostPublished, UserChanged, UserDeleted


def _settle_labels(event: DomainEvent) -> None:
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


def _keep_usernames(event: DomainEvent) -> None:
    match event:
        case UserChanged() | UserDeleted():
            naming.settle(event.user_id)
        case _:
            pass


settle_labels = consumer(_settle_labels)
keep_usernames = consumer(_keep_usernames)
take_tastes = consumer(tasting.take)
