"""The two buckets: uploads (quarantine; everything expires in a day) and media (originals, never served; renditions).

uploads   uploads/<mediaId>, videos/<mediaId>
media     originals/<mediaId>, m/<mediaId>/<version>/<rendition>.<jpg|webp>, for videos also below hls/ there
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from heliograph import aws, config

UPLOADS_PREFIX = "uploads/"
VIDEOS_PREFIX = "videos/"
CHUNK_BYTES = 1024 * 1024
UPLOAD_THREADS = 4
# A rendition's key is never written with other pixels, so whoever may see it may keep it.
CACHE_CONTROL = "public, max-age=31536000, immutable"


class FormSettings(config.Settings):
    uploads_bucket: str
    s3_public_endpoint: str | None = None


class BucketSettings(config.Settings):
    uploads_bucket: str
    media_bucket: str


class UploadsSettings(config.Settings):
    uploads_bucket: str


class OriginalSettings(config.Settings):
    media_bucket: str


@dataclass(frozen=True)
class Form:
    """A presigned S3 POST: send `fields`, then the file, as multipart/form-data to `url`."""

    url: str
    fields: dict[str, str]


@dataclass(frozen=True)
class Upload:
    """An uploaded object as found. `path`: its bytes, or None above the limit. `etag`: names exactly these bytes."""

    path: Path | None
    etag: str


def form(key: str, content_type: str, byte_size: int, *, seconds: int) -> Form:
    """A form that S3 accepts for this key and type only, for 1 to `byte_size` bytes, during `seconds`."""
    settings = config.read(FormSettings)
    signed = aws.client("s3", endpoint_url=settings.s3_public_endpoint).generate_presigned_post(
        Bucket=settings.uploads_bucket,
        Key=key,
        Fields={"Content-Type": content_type},
        Conditions=[{"Content-Type": content_type}, ["content-length-range", 1, byte_size]],
        ExpiresIn=seconds,
    )
    return Form(signed["url"], signed["fields"])


def upload_key(media_id: str) -> str:
    return UPLOADS_PREFIX + media_id


def video_key(media_id: str) -> str:
    return VIDEOS_PREFIX + media_id


def media_id_of(key: str) -> str | None:
    """The media id in the key of an upload; None for any other key."""
    prefix, slash, media_id = key.partition("/")
    return media_id if prefix + slash in (UPLOADS_PREFIX, VIDEOS_PREFIX) else None


def download(media_id: str, folder: Path, *, limit: int) -> Upload | None:
    """Fetch an upload into `folder`, unless it has more than `limit` bytes. None when there is no such object."""
    s3 = aws.client("s3")
    try:
        answer = s3.get_object(Bucket=config.read(BucketSettings).uploads_bucket, Key=UPLOADS_PREFIX + media_id)
    except s3.exceptions.NoSuchKey:
        return None
    body = answer["Body"]
    try:
        if answer["ContentLength"] > limit:
            return Upload(None, answer["ETag"])
        path = folder / "upload"
        with path.open("wb") as file:
            for chunk in body.iter_chunks(CHUNK_BYTES):
                file.write(chunk)
        return Upload(path, answer["ETag"])
    finally:
        body.close()


def keep_original(media_id: str, etag: str) -> None:
    """Copy the upload to the media bucket, but only the very bytes that were inspected: a form can be used twice."""
    settings = config.read(BucketSettings)
    aws.client("s3").copy_object(
        Bucket=settings.media_bucket,
        Key=f"originals/{media_id}",
        CopySource={"Bucket": settings.uploads_bucket, "Key": UPLOADS_PREFIX + media_id},
        CopySourceIfMatch=etag,
    )


def put_renditions(files: Iterable[tuple[str, str, Path]]) -> None:
    """Store files given as (key, content type, path)."""
    s3 = aws.client("s3")
    bucket = config.read(OriginalSettings).media_bucket

    def put(file: tuple[str, str, Path]) -> None:
        key, content_type, path = file
        s3.put_object(
            Bucket=bucket, Key=key, Body=path.read_bytes(), ContentType=content_type, CacheControl=CACHE_CONTROL
        )

    with ThreadPoolExecutor(UPLOAD_THREADS) as threads:
        list(threads.map(put, files))


def delete_upload(media_id: str) -> None:
    bucket = config.read(BucketSettings).uploads_bucket
    for key in (upload_key(media_id), video_key(media_id)):
        aws.client("s3").delete_object(Bucket=bucket, Key=key)


def erase(media_id: str) -> None:
    """Delete everything of a media item in both buckets. Former versions of objects are left to the lifecycle."""
    delete_upload(media_id)
    bucket = config.read(BucketSettings).media_bucket
    s3 = aws.client("s3")
    for key in (f"originals/{media_id}", *_keys(s3, bucket, f"m/{media_id}/")):
        s3.delete_object(Bucket=bucket, Key=key)


def erase_versions(media_id: str) -> None:
    """Delete everything of a media item in both buckets, with all former versions of it."""
    delete_upload(media_id)
    bucket = config.read(BucketSettings).media_bucket
    s3 = aws.client("s3")
    for prefix in (f"originals/{media_id}", f"m/{media_id}/"):
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
            for item in (*page.get("Versions", []), *page.get("DeleteMarkers", [])):
                s3.delete_object(Bucket=bucket, Key=item["Key"], VersionId=item["VersionId"])


def original(media_id: str) -> Any:
    """The original as a stream of bytes (`read`, `close`), or None where none is kept."""
    s3 = aws.client("s3")
    try:
        return s3.get_object(Bucket=config.read(OriginalSettings).media_bucket, Key=f"originals/{media_id}")["Body"]
    except s3.exceptions.NoSuchKey:
        return None


def _keys(s3: Any, bucket: str, prefix: str) -> Iterator[str]:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for item in page.get("Contents", []):
            yield item["Key"]
