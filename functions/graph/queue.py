"""The queue of accounts whose requests are to be opened: what is left of one waits there for its next turn."""

import json

from heliograph import config, events, ids, queues
from heliograph.events import UserChanged


class RequestsSettings(config.Settings):
    requests_queue_url: str


def send_again(event: UserChanged) -> None:
    """As the bus delivers it."""
    body = {"detail": events.wrap(event, event_id=ids.new_id())}
    queues.send(config.read(RequestsSettings).requests_queue_url, [json.dumps(body)])
