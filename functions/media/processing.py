"""From an upload to a verdict: renditions and `ready`, or `rejected` with a reason.

Quarantine, scan, decode, appraise, publish: what a step refuses never reaches the next one. May run any number of
times for the same upload, also at once and late: every step is repeatable, the status is written under a condition, and
the upload is deleted last. What S3, DynamoDB or the model cannot do right now is raised, and tried again.
"""

import tempfile
from dataclasses import replace
from pathlib import Path

from functions.media import (
    appraisal,
    inspection,
    objects,
    rehearsal,
    rendering,
    renditions,
    scanning,
    service,
    store,
)
from functions.media.inspection import Animation, Rejection
from functions.media.model import MAX_IMAGE_BYTES, Appraisal, Media
from functions.media.photo import Photo
from functions.media.video import machine
from heliograph.observability import count, logger


def process_upload(media_id: str) -> None:
    """Work on the upload of a media item. Raises ScanPending, ModerationUnavailable: try again."""
    media = store.find(media_id, consistent=True)
    if media is None:
        logger.warning("upload of an unknown media item", extra={"mediaId": media_id})
        return
    if media.status in ("awaitingUpload", "processing"):
        with tempfile.TemporaryDirectory() as folder:
            decided = _decide(media, Path(folder))
        if not decided:
            return
    # Or the form was used a second time, after the verdict.
    objects.delete_upload(media_id)


def _decide(media: Media, folder: Path) -> bool:
    """Give the verdict; False if there is nothing to judge, or others will: an animation is made a video."""
    upload = objects.download(media.media_id, folder, limit=MAX_IMAGE_BYTES)
    if upload is None:
        logger.warning("upload is gone", extra={"mediaId": media.media_id})
        return False
    store.begin(media.media_id)
    if upload.path is None:
        _reject(media, Rejection("tooLarge", f"above {MAX_IMAGE_BYTES} bytes"))
        return True
    photo = _inspected(media, upload.path)
    if isinstance(photo, Rejection):
        _reject(media, photo)
    elif isinstance(photo, Animation):
        machine.start(media.media_id, objects.upload_key(media.media_id))
        return False
    elif found := _passed(media, photo):
        objects.keep_original(media.media_id, upload.etag)
        _publish(replace(media, appraisal=found), photo, upload.path, folder)
    return True


def _inspected(media: Media, path: Path) -> Photo | Animation | Rejection:
    """Nothing is decoded that was not scanned, nor here what may have killed a worker before."""
    scan = scanning.scan(objects.upload_key(media.media_id), path)
    if scan.status == "pending":
        raise scanning.ScanPending(media.media_id)
    if scan.status == "malicious":
        return Rejection("malicious", scan.detail)
    if media.status == "processing" and not rehearsal.survives(path):
        return Rejection("corrupt", "it killed its worker")
    return inspection.inspect(path)


def _reject(media: Media, rejection: Rejection) -> None:
    logger.info(
        "upload rejected",
        extra={"mediaId": media.media_id, "reason": rejection.reason, "detail": rejection.detail},
    )
    if store.reject(media.media_id, rejection.reason):
        count("MediaRejected")


def _passed(media: Media, photo: Photo) -> Appraisal | None:
    """What the photo is taken for, if it may be shown; that is recorded.

    It is looked at as taken: edits must neither hide anything from the model, nor make another's picture one's own.
    """
    found = appraisal.appraise(media.media_id, media.user_id, renditions.small(photo))
    if not appraisal.keep(media, found):
        return None
    if found.verdict == "block":
        _reject(media, Rejection("contentPolicy", f"labels {found.labels}"))
        return None
    return found


def _publish(media: Media, photo: Photo, path: Path, folder: Path) -> None:
    capture = photo.capture if media.keep_location else replace(photo.capture, location=None)
    picture = rendering.render(media, path, folder, photo)
    if store.finish(media.media_id, revision=media.edit_revision, capture=capture, **picture):
        count("MediaReady")
    else:
        # Perhaps erased while it was worked on: then what was just written must go as well.
        fingerprint = media.appraisal and media.appraisal.fingerprint
        service.forget(media.media_id, media.user_id, fingerprint)
