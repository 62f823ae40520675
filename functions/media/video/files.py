"""Videos in the two buckets: the upload is read as it was first seen, and what is made of it is written."""

import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

from functions.media import objects
from functions.media.objects import BucketSettings, MediaBucketSettings, UploadsSettings
from functions.media.video.probe import Refused
from heliograph import aws, config


class Gone(Exception):
    """There is no such upload (any more): somebody erased it."""


@dataclass(frozen=True)
class Copy:
    """The upload on this machine's disk, and a folder to work in."""

    path: Path
    folder: Path


def etag(key: str) -> str:
    """What names the very bytes of an upload. Raises Gone."""
    with _upload() as s3:
        return s3.head_object(Bucket=config.read(UploadsSettings).uploads_bucket, Key=key)["ETag"]


@contextmanager
def copied(key: str, etag: str) -> Iterator[Copy]:
    """The upload on disk, for a while. Raises Gone; Refused where it is no longer what it was."""
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        path = folder / "upload"
        bucket = config.read(UploadsSettings).uploads_bucket
        with _upload() as s3:
            body = s3.get_object(Bucket=bucket, Key=key, IfMatch=etag)["Body"]
        with path.open("wb") as file:
            for chunk in body.iter_chunks(objects.CHUNK_BYTES):
                file.write(chunk)
        yield Copy(path, folder)


def keep_original(media_id: str, key: str, etag: str) -> None:
    """Copy the very bytes that were judged to where originals are kept. Raises Gone, Refused as `copied` does."""
    settings = config.read(BucketSettings)
    source = {"Bucket": settings.uploads_bucket, "Key": key}
    with _upload() as s3:
        s3.copy_object(
            Bucket=settings.media_bucket, Key=f"originals/{media_id}", CopySource=source, CopySourceIfMatch=etag
        )


def forget_upload(key: str) -> None:
    aws.client("s3").delete_object(Bucket=config.read(UploadsSettings).uploads_bucket, Key=key)


def write(folder: Path, prefix: str, contents: Iterable[tuple[str, str, bytes]]) -> None:
    """Store contents given as (name, content type, bytes) below `prefix`."""

    def filed() -> Iterator[tuple[str, str, Path]]:
        for name, content_type, content in contents:
            path = folder / f"out-{name}"
            path.write_bytes(content)
            yield f"{prefix}/{name}", content_type, path

    objects.put_renditions(filed())


def read(key: str, path: Path) -> None:
    """Fetch what was made earlier."""
    answer = aws.client("s3").get_object(Bucket=config.read(MediaBucketSettings).media_bucket, Key=key)
    path.write_bytes(answer["Body"].read())


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


@contextmanager
def _upload() -> Iterator[Any]:
    """S3, asked about an upload. Raises Gone; Refused where it is no longer what it was."""
    s3 = aws.client("s3")
    try:
        yield s3
    except s3.exceptions.ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        if status == HTTPStatus.NOT_FOUND:
            raise Gone from None
        if status == HTTPStatus.PRECONDITION_FAILED:
            raise Refused("corrupt", "another file was sent while the first was worked on") from None
        raise
