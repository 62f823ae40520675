"""The fan-out queue: pages of followers that wait for their turn."""

from collections.abc import Sequence

from functions.feed.fanout import Page
from heliograph import config, queues


class FanoutSettings(config.Settings):
    fanout_queue_url: str


def send(pages: Sequence[Page]) -> None:
    queues.send(config.read(FanoutSettings).fanout_queue_url, [page.model_dump_json(by_alias=True) for page in pages])
