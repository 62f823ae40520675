"""Queues of the feed."""

from functions.feed import service
from heliograph.consumers import consumer, queue
from heliograph.events import DomainEvent, PostDeleted, PostPublished


def _fan_out(event: DomainEvent) -> None:
    match event:
        case PostPublished():
            service.fan_out(event.post_id, event.author_id, "push")
        case PostDeleted() if event.was_published:
            service.fan_out(event.post_id, event.author_id, "forget")
        case _:
            pass


fan_out = consumer(_fan_out)
fan_out_page = queue(service.Page.model_validate, service.fan_out_page)
