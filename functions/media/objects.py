"""The two buckets: uploads (quarantine; everything expires in a day) and media (originals, never served; renditions).

uploads   uploads/<mediaId>, videos/<mediaId>
media     originals/<mediaId>, m/<mediaId>/<revision of the edits>/<rendition>.<jpg|webp|avif>; videos also hls/<file>
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import takewhile
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from heliograph import aws, config, ids

UPLOADS_PREFIX = "uploads/"
ORIGINALS_PREFIX = "originals/"
RENDITIONS_PREFIX = "m/"
VIDEOS_PREFIX = "videos/"
CHUNK_BYTES = 1024 * 1024
UPLOAD_THREADS = 4
# A rendition's key is never written with other pixels, so whoever may see it may keep it.
CACHE_CONTROL = "public, max-age=31536000, immutable"
# S3 moves what nobody looks at to cheaper tiers, at no cost when somebody does; small objects are not charged for it.
STORAGE_CLASS = "INTELLIGENT_TIERING"
# The tag by which the bucket's lifecycle knows what may go.
RETIRED = {"replaced": "true"}


class FormSettings(config.Settings):
    uploads_bucket: str
    s3_public_endpoint: str | None = None


class BucketSettings(config.Settings):
    uploads_bucket: str
    media_bucket: str


class VersionSettings(config.Settings):
    """Where the copies of versions are: the bucket, and its replica in another region, if there is one."""

    media_bucket: str
    replica_bucket: str | None = None
    replica_region: str | None = None


class UploadsSettings(config.Settings):
    uploads_bucket: str


class MediaBucketSettings(config.Settings):
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
    with closing(answer["Body"]) as body:
        if answer["ContentLength"] > limit:
            return Upload(None, answer["ETag"])
        return Upload(_written(body, folder / "upload"), answer["ETag"])


def download_original(media_id: str, folder: Path) -> Path | None:
    """Fetch an original into `folder`. None where none is kept."""
    body = original(media_id)
    if body is None:
        return None
    with closing(body):
        return _written(body, folder / "original")


def keep_original(media_id: str, etag: str) -> None:
    """Copy the upload to the media bucket, but only the very bytes that were inspected: a form can be used twice."""
    settings = config.read(BucketSettings)
    aws.client("s3").copy_object(
        Bucket=settings.media_bucket,
        Key=ORIGINALS_PREFIX + media_id,
        CopySource={"Bucket": settings.uploads_bucket, "Key": UPLOADS_PREFIX + media_id},
        CopySourceIfMatch=etag,
        StorageClass=STORAGE_CLASS,
    )


def put_renditions(files: Iterable[tuple[str, str, Path]]) -> None:
    """Store files given as (key, content type, path)."""
    s3 = aws.client("s3")
    bucket = config.read(MediaBucketSettings).media_bucket

    def put(file: tuple[str, str, Path]) -> None:
        key, content_type, path = file
        s3.put_object(
            Bucket=bucket,
            Key=key,
            Body=path.read_bytes(),
            ContentType=content_type,
            CacheControl=CACHE_CONTROL,
            StorageClass=STORAGE_CLASS,
        )

    with ThreadPoolExecutor(UPLOAD_THREADS) as threads:
        list(threads.map(put, files))


def retire(media_id: str, revisions: range) -> None:
    """Let the lifecycle delete the renditions of these revisions, a day from now: URLs live for hours.

    A day is counted from when an object was made, hence a copy of it in its own place. Idempotent.
    """
    s3 = aws.client("s3")
    bucket = config.read(MediaBucketSettings).media_bucket
    prefix = f"{RENDITIONS_PREFIX}{media_id}/"
    for key in _keys(prefix):
        if int(key.removeprefix(prefix).partition("/")[0]) in revisions:
            _retire(s3, bucket, key)


def _retire(s3: Any, bucket: str, key: str) -> None:
    known = s3.head_object(Bucket=bucket, Key=key)
    if not known.get("TagCount"):
        s3.copy_object(
            Bucket=bucket,
            Key=key,
            CopySource={"Bucket": bucket, "Key": key},
            MetadataDirective="REPLACE",
            ContentType=known["ContentType"],
            CacheControl=CACHE_CONTROL,
            TaggingDirective="REPLACE",
            Tagging=urlencode(RETIRED),
        )


def delete_upload(media_id: str) -> None:
    bucket = config.read(BucketSettings).uploads_bucket
    for key in (upload_key(media_id), video_key(media_id)):
        aws.client("s3").delete_object(Bucket=bucket, Key=key)


def erase(media_id: str) -> None:
    """Delete everything of a media item in both buckets. Former versions of objects are left to the lifecycle."""
    delete_upload(media_id)
    # What is listed only: to delete what is not there would leave a marker with its name in the bucket's history.
    delete((*_keys(f"{ORIGINALS_PREFIX}{media_id}"), *_keys(f"{RENDITIONS_PREFIX}{media_id}/")))


def delete(keys: Iterable[str]) -> None:
    """Delete objects of the media bucket. Former versions are left to the lifecycle."""
    s3, bucket = aws.client("s3"), config.read(MediaBucketSettings).media_bucket
    for key in keys:
        s3.delete_object(Bucket=bucket, Key=key)


def keys_of_media(since: datetime, until: datetime) -> Iterator[str]:
    """The keys of the media bucket that belong to media whose ids were made in this time, by id."""
    low, high = ids.prefix_at(since), ids.prefix_at(until)
    yield from merge(
        *(
            takewhile(lambda key, end=prefix + high: key < end, _keys(prefix, after=prefix + low))
            for prefix in (ORIGINALS_PREFIX, RENDITIONS_PREFIX)
        ),
        key=media_id_in,
    )


def media_id_in(key: str) -> str:
    """Whose object of the media bucket this is."""
    return key.split("/")[1]


def erase_versions(media_id: str) -> None:
    """Delete everything of a media item in all buckets, with all former versions of it.

    In the replica as well, because S3 replicates no removal of a version.
    """
    delete_upload(media_id)
    settings = config.read(VersionSettings)
    _delete_versions(aws.client("s3"), settings.media_bucket, media_id)
    if settings.replica_bucket:
        _delete_versions(aws.client("s3", region=settings.replica_region), settings.replica_bucket, media_id)


def _delete_versions(s3: Any, bucket: str, media_id: str) -> None:
    for prefix in (f"{ORIGINALS_PREFIX}{media_id}", f"{RENDITIONS_PREFIX}{media_id}/"):
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
            for item in (*page.get("Versions", []), *page.get("DeleteMarkers", [])):
                s3.delete_object(Bucket=bucket, Key=item["Key"], VersionId=item["VersionId"])


def original(media_id: str) -> Any:
    """The original as a stream of bytes (`read`, `close`), or None where none is kept."""
    s3, bucket = aws.client("s3"), config.read(MediaBucketSettings).media_bucket
    try:
        return s3.get_object(Bucket=bucket, Key=ORIGINALS_PREFIX + media_id)["Body"]
    except s3.exceptions.NoSuchKey:
        return None


def _keys(prefix: str, *, after: str = "") -> Iterator[str]:
    """Keys of the media bucket in their order, from behind `after` on."""
    bucket = config.read(MediaBucketSettings).media_bucket
    listing = aws.client("s3").get_paginator("list_objects_v2")
    for page in listing.paginate(Bucket=bucket, Prefix=prefix, StartAfter=after):
        for item in page.get("Contents", []):
            yield item["Key"]


def _written(body: Any, path: Path) -> Path:
    with path.open("wb") as file:
        for chunk in body.iter_chunks(CHUNK_BYTES):
            file.write(chunk)
    return path
