"""Streams and queues of media."""

from typing import Any
from urllib.parse import unquote, unquote_plus

from functions.media import objects, service
from functions.media.video import machine
from heliograph.consumers import consumer, queue
from heliograph.events import DomainEvent, PostDeleted, ProfilePictureReplaced, StoryDeleted
from heliograph.observability import logger
from heliograph.outbox import publisher

publish_media = publisher(service.MediaItem, service.announced)


def _uploaded_keys(notification: dict[str, Any]) -> tuple[str, ...]:
    """The object keys of an S3 notification. The test message that S3 sends when it is connected has none."""
    return tuple(unquote_plus(record["s3"]["object"]["key"]) for record in notification.get("Records", []))


def _process(keys: tuple[str, ...]) -> None:
    # Imported here: the other two functions of this module run without the imaging layer.
    from functions.media import processing  # noqa: PLC0415

    for key in keys:
        media_id = objects.media_id_of(key)
        if media_id is None:
            logger.warning("not an upload", extra={"key": key})
        else:
            processing.process_upload(media_id)


resize = queue(_uploaded_keys, _process)


# --- Videos: started by the bucket's event, carried out by a state machine --------------------------------------------


def _uploaded_video(event: dict[str, Any]) -> str:
    """The object key of an S3 event on the bus. One of the local clouds leaves it percent-encoded."""
    return unquote(event["detail"]["object"]["key"])


def _start_video(key: str) -> None:
    media_id = objects.media_id_of(key)
    if media_id is None:
        logger.warning("not a video", extra={"key": key})
    else:
        machine.start(media_id, key)


start_video = queue(_uploaded_video, _start_video)


def _erase(event: DomainEvent) -> None:
    match event:
        case PostDeleted():
            service.erase(event.media_ids, f"post#{event.post_id}")
        case StoryDeleted():
            service.erase(event.media_ids, f"story#{event.story_id}")
        case ProfilePictureReplaced():
            service.erase([event.media_id], f"profile#{event.user_id}")
        case _:
            pass


erase = consumer(_erase)
