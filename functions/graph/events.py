"""Streams and queues of the graph."""

from functions.graph import queue, service
from heliograph.consumers import consumer
from heliograph.events import DomainEvent, UserChanged
from heliograph.outbox import publisher

publish_follows = publisher(service.EdgeItem, service.announced_edge)
publish_blocks = publisher(service.BlockItem, service.announced_block)


def _open_requests(event: DomainEvent) -> None:
    if isinstance(event, UserChanged) and service.open_requests(event.user_id):
        queue.send_again(event)


open_requests = consumer(_open_requests)
