"""Streams and queues of accounts."""

from functions.accounts import identity, service
from heliograph.consumers import consumer
from heliograph.counters import Counter
from heliograph.events import CounterChanged, DomainEvent, ResetAsked, SignedUp
from heliograph.outbox import publisher

publish_users = publisher(service.UserItem, service.announced)


def _materialise(event: DomainEvent) -> None:
    if isinstance(event, CounterChanged):
        service.materialise(Counter(event.kind, event.id, event.name))


def _send_codes(event: DomainEvent) -> None:
    match event:
        case SignedUp():
            identity.send_confirmation_code(event.user_id)
        case ResetAsked():
            identity.send_reset_code(event)
        case _:
            pass


materialise = consumer(_materialise)
send_codes = consumer(_send_codes)
