"""Queues of the feed."""

from functions.feed import attention, pushing, rebuilding
from functions.feed.fanout import Page
from heliograph.consumers import consumer, queue
from heliograph.events import (
    DomainEvent,
    Followed,
    PostChanged,
    PostDeleted,
    PostNotificationsSwitched,
    PostPublished,
    Unfollowed,
)


def _fan_out(event: DomainEvent) -> None:
    match event:
        case PostPublished():
            pushing.publish(event.post_id, event.author_id)
        case PostChanged():
            pushing.change(event.post_id, event.author_id)
        case PostDeleted() if event.was_published:
            pushing.forget(event.post_id, event.author_id)
        case _:
            pass


def _settle_tie(event: DomainEvent) -> None:
    match event:
        case Followed() | Unfollowed():
            pushing.settle_tie(event.follower_id, event.followee_id)
        case PostNotificationsSwitched():
            rebuilding.settle_favourite(event.follower_id, event.followee_id)
        case _:
            pass


fan_out = consumer(_fan_out)
fan_out_page = queue(Page.model_validate, pushing.fan_out_page)
settle_tie = consumer(_settle_tie)
take_attention = consumer(attention.take)
