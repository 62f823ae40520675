"""Streams and queues of stories."""

from functions.stories import service
from heliograph.consumers import consumer
from heliograph.counters import Counter
from heliograph.events import CounterChanged, DomainEvent, MediaReady, MediaRejected, StoryDeleted
from heliograph.outbox import publisher

publish_stories = publisher(service.StoryItem, service.announced)


def _materialise(event: DomainEvent) -> None:
    if isinstance(event, CounterChanged):
        service.materialise(Counter(event.kind, event.id, event.name))


def _publish_ready(event: DomainEvent) -> None:
    if isinstance(event, MediaReady | MediaRejected):
        story_id = (event.attached_to or "").removeprefix("story#")
        if event.attached_to == f"story#{story_id}":
            service.settle(story_id)


def _forget(event: DomainEvent) -> None:
    if isinstance(event, StoryDeleted):
        service.forget(event.story_id)


materialise = consumer(_materialise)
publish_ready = consumer(_publish_ready)
forget = consumer(_forget)
