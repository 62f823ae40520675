"""From an upload to a verdict: renditions and `ready`, or `rejected` with a reason.

Quarantine, scan, decode, appraise, publish: what a step refuses never reaches the next one. May run any number of
times for the same upload, also at once and late: every step is repeatable, the status is written under a condition, and
the upload is deleted last. What S3, DynamoDB or the model cannot do right now is raised, and tried again.
"""

import tempfile
from dataclasses import replace
from pathlib import Path

from functions.media import bands, fingerprints, inspection, objects, rehearsal, renditions, scanning, store, watermark
from functions.media.appraisal import appraise
from functions.media.inspection import Animation, Rejection
from functions.media.model import MAX_IMAGE_BYTES, Capture, Media, Rendition
from functions.media.objects import Upload
from functions.media.photo import Photo
from heliograph import config
from heliograph.observability import count, logger


class PictureSettings(config.Settings):
    avif: bool = False


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
    """Give the verdict; False if there is nothing to judge."""
    upload = objects.download(media.media_id, folder, limit=MAX_IMAGE_BYTES)
    if upload is None:
        logger.warning("upload is gone", extra={"mediaId": media.media_id})
        return False
    store.begin(media.media_id)
    photo = _inspected(media, upload)
    if isinstance(photo, Rejection):
        _reject(media, photo)
    elif isinstance(photo, Animation):
        _reject(media, Rejection("unsupportedFormat", "an animation"))
    else:
        _publish(media, photo, upload.etag, folder)
    return True


def _inspected(media: Media, upload: Upload) -> Photo | Animation | Rejection:
    """Nothing is decoded that was not scanned, nor here what may have killed a worker before."""
    if upload.path is None:
        return Rejection("tooLarge", f"above {MAX_IMAGE_BYTES} bytes")
    scan = scanning.scan(objects.upload_key(media.media_id), upload.path)
    if scan.status == "pending":
        raise scanning.ScanPending(media.media_id)
    if scan.status == "malicious":
        return Rejection("malicious", scan.detail)
    if media.status == "processing" and not rehearsal.survives(upload.path):
        return Rejection("corrupt", "it killed its worker")
    return inspection.inspect(upload.path)


def _reject(media: Media, rejection: Rejection) -> None:
    logger.info(
        "upload rejected",
        extra={"mediaId": media.media_id, "reason": rejection.reason, "detail": rejection.detail},
    )
    if store.reject(media.media_id, rejection.reason):
        count("MediaRejected")


def _kept(media: Media, capture: Capture) -> Capture:
    """Without the location, unless the owner wants it kept."""
    return capture if media.keep_location else replace(capture, location=None)


def _publish(media: Media, photo: Photo, etag: str, folder: Path) -> None:
    rendered = renditions.render(photo, folder, avif=config.read(PictureSettings).avif)
    appraisal = appraise(media.media_id, media.user_id, rendered.files)
    if not store.appraise(media.media_id, appraisal):
        return  # erased, or decided by another worker
    if appraisal.verdict == "block":
        _reject(media, Rejection("contentPolicy", f"labels {appraisal.labels}"))
        return
    if appraisal.fingerprint:
        fingerprints.record(appraisal.fingerprint, media.media_id, media.user_id)
    objects.keep_original(media.media_id, etag)
    # The version only makes the keys new: what is written below may get a higher one, if somebody wrote in between.
    prefix = f"m/{media.media_id}/{media.version + 1}"
    files = [(f"{prefix}/{file.path.name}", file) for file in rendered.files]
    objects.put_renditions((key, file.content_type, file.path) for key, file in files)
    finished = store.finish(
        media.media_id,
        width=photo.width,
        height=photo.height,
        placeholder=rendered.placeholder,
        dominant_color=rendered.dominant_color,
        renditions=[
            Rendition(file.name, file.width, file.height, file.content_type, file.path.stat().st_size, key)
            for key, file in files
        ],
        capture=_kept(media, photo.capture),
        share_key=_share(media, folder, prefix),
    )
    if finished:
        count("MediaReady")
    elif store.find(media.media_id, consistent=True) is None:
        # Erased while it was worked on: what was just written must go as well.
        objects.erase(media.media_id)
        bands.forget_media(replace(media, appraisal=appraisal))


def _share(media: Media, folder: Path, prefix: str) -> str | None:
    """The key of the picture that is shared, if its author wants their name on it."""
    if media.watermark is None:
        return None
    key = f"{prefix}/{watermark.NAME}"
    objects.put_renditions([(key, "image/jpeg", watermark.stamp(folder / "w1080.jpg", media.watermark, folder))])
    return key
