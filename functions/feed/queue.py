"""The fan-out queues: pages of followers that wait for their turn; those of authors with many, in a queue of their own.

Within a queue, an author's pages do not hold up those of others (fair queues).
"""

from collections.abc import Sequence

from functions.feed.fanout import Page
from heliograph import config, queues


class FanoutSettings(config.Settings):
    fanout_queue_url: str
    fanout_many_queue_url: str


def send(pages: Sequence[Page]) -> None:
    """Queue pages of one post."""
    if pages:
        settings, [first, *_] = config.read(FanoutSettings), pages
        url = settings.fanout_many_queue_url if first.many else settings.fanout_queue_url
        queues.send(url, [page.model_dump_json(by_alias=True) for page in pages], group=first.author_id)
