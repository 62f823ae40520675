"""Streams and queues of media."""

from typing import Any
from urllib.parse import unquote, unquote_plus

from functions.media import dispatch as dispatching
from functions.media import objects, service
from functions.media.video import machine
from heliograph.consumers import consumer, queue
from heliograph.events import (
    DomainEvent,
    MediaEdited,
    MediaForgotten,
    PostDeleted,
    ProfilePictureReplaced,
    StoryDeleted,
)  # fmt: skip
from heliograph.observability import logger
from heliograph.outbox import publisher

publish_media = publisher(service.MediaItem, service.announced)


def _uploaded_keys(notification: dict[str, Any]) -> tuple[str, ...]:
    """The object keys of an S3 notification, or of a finding of GuardDuty's, which comes when an upload was scanned.

    The test message that S3 sends when it is connected has none.
    """
    if notification.get("source") == "aws.guardduty":
        return (notification["detail"]["s3ObjectDetails"]["objectKey"],)
    return tuple(unquote_plus(record["s3"]["object"]["key"]) for record in notification.get("Records", []))


def _dispatch(keys: tuple[str, ...]) -> None:
    for key in keys:
        dispatching.dispatch(key)


dispatch = queue(_uploaded_keys, _dispatch)


def _process(media_id: str) -> None:
    # Imported here: the other functions of this module run without the imaging layer.
    from functions.media import processing  # noqa: PLC0415

    processing.process_upload(media_id)


resize = queue(lambda body: str(body["mediaId"]), _process)


def _render(event: DomainEvent) -> None:
    from functions.media import rendering  # noqa: PLC0415  (as above)

    if isinstance(event, MediaEdited):
        rendering.render_again(event.media_id)


render = consumer(_render)


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
        case MediaForgotten():
            service.forget(event.media_id, event.owner_id, event.fingerprint)
        case _:
            pass


erase = consumer(_erase)
