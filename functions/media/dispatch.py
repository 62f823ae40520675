"""In which order uploads are worked on: whom many people wait for goes first, and nobody's pile holds up another's.

An upload's message goes to one of two queues, each with workers of its own: `first` for authors with many followers,
`photos` for everybody else. It carries its owner as message group, and SQS serves the groups of a standard queue
fairly: a group with many messages in the queue waits, the others do not.
"""

import json

from functions.media import objects, store
from heliograph import config, counters, queues
from heliograph.counters import Counter
from heliograph.observability import count, logger


class QueueSettings(config.Settings):
    photos_queue_url: str
    first_queue_url: str


# So many followers wait for one upload that it is worked on first.
MANY_FOLLOWERS = 1_000


def dispatch(key: str) -> None:
    """Queue the work on an object of the uploads bucket; what nobody asked for is ignored."""
    media_id = objects.media_id_of(key)
    media = media_id and store.find(media_id, consistent=True)
    if not media:
        logger.warning("not an upload", extra={"key": key})
        return
    settings = config.read(QueueSettings)
    first = counters.total(Counter("user", media.user_id, "followers")).value >= MANY_FOLLOWERS
    url = settings.first_queue_url if first else settings.photos_queue_url
    queues.send(url, [json.dumps({"mediaId": media.media_id})], group=media.user_id)
    count("UploadsFirst" if first else "UploadsQueued")
