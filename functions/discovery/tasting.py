"""What people look at, like and comment on, remembered for what they are shown of strangers."""

from functions.discovery import interests, tastes
from functions.discovery.interests import Met
from functions.feed import service as feed
from heliograph.events import DomainEvent


def take(event: DomainEvent) -> None:
    """Remember the topics of the posts that an event tells of, once, however often and late it comes."""
    attention = feed.paid(event)
    signals = [
        (item.post.post_id, Met(item.strength, topics))
        for item in (attention.posts if attention else ())
        if (topics := interests.topics_of(item.post.hashtags))
    ]
    if attention and signals:
        tastes.merge(attention.user_id, signals)
