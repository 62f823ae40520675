"""From an upload to a verdict: renditions and `ready`, or `rejected` with a reason.

May run any number of times for the same upload, also at once and late: every step is repeatable, the status is written
under a condition, and the upload is deleted last. What S3 or DynamoDB cannot do right now is raised, and tried again.
"""

import tempfile
from pathlib import Path

from functions.media import inspection, objects, rendering, store
from functions.media.model import MAX_IMAGE_BYTES, Media, Reason
from functions.media.photo import Photo
from heliograph.observability import count, logger


def process_upload(media_id: str) -> None:
    """Work on the upload of a media item."""
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
    """Give the verdict; False if there is nothing to judge."""
    upload = objects.download(media.media_id, folder, limit=MAX_IMAGE_BYTES)
    if upload is None:
        logger.warning("upload is gone", extra={"mediaId": media.media_id})
        return False
    store.begin(media.media_id)
    if upload.path is None:
        _reject(media, "tooLarge", f"above {MAX_IMAGE_BYTES} bytes")
        return True
    verdict = inspection.inspect(upload.path)
    if isinstance(verdict, inspection.Rejection):
        _reject(media, verdict.reason, verdict.detail)
    else:
        objects.keep_original(media.media_id, upload.etag)
        _publish(media, verdict, upload.path, folder)
    return True


def _reject(media: Media, reason: Reason, detail: str) -> None:
    logger.info("upload rejected", extra={"mediaId": media.media_id, "reason": reason, "detail": detail})
    if store.reject(media.media_id, reason):
        count("MediaRejected")


def _publish(media: Media, photo: Photo, path: Path, folder: Path) -> None:
    picture = rendering.render(media, path, folder, photo)
    if store.finish(media.media_id, revision=media.edit_revision, **picture):
        count("MediaReady")
    elif store.find(media.media_id, consistent=True) is None:
        # Erased while it was worked on: what was just written must go as well.
        objects.erase(media.media_id)
