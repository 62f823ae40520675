"""Streams and queues of accounts."""

from functions.accounts import service
from heliograph.consumers import consumer
from heliograph.counters import Counter
from heliograph.events import CounterChanged, DomainEvent
from heliograph.outbox import publisher

publish_users = publisher(service.UserItem, service.announced)


def _materialise(event: DomainEvent) -> None:
    if isinstance(event, CounterChanged):
        service.materialise(Counter(event.kind, event.id, event.name))


materialise = consumer(_materialise)
