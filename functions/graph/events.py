"""Streams and queues of the graph."""

from functions.graph import announcements, queue, service
from heliograph.consumers import consumer
from heliograph.events import DomainEvent, UserChanged
from heliograph.outbox import publisher

publish_follows = publisher(announcements.EdgeItem, announcements.edge_announced)
publish_blocks = publisher(announcements.BlockItem, announcements.block_announced)


def _open_requests(event: DomainEvent) -> None:
    if isinstance(event, UserChanged) and service.open_requests(event.user_id):
        queue.send_again(event)


open_requests = consumer(_open_requests)
