"""Uploads in parts, which can be interrupted and resumed: S3 keeps the parts that have come, for a day."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from functions.media.objects import FormSettings
from heliograph import aws, config

# S3 takes no fewer than 5 MiB for a part that is not the last.
PART_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True)
class PartUrl:
    """PUT part `number`, of exactly `bytes` bytes, to `url`."""

    number: int
    url: str
    bytes: int


@dataclass(frozen=True)
class SentPart:
    number: int
    bytes: int
    etag: str


def numbers(byte_size: int) -> range:
    """The numbers of the parts of a file."""
    return range(1, -(-byte_size // PART_BYTES) + 1)


def length(number: int, byte_size: int) -> int:
    """Bytes of part `number` of a file; the last is what remains."""
    return min(PART_BYTES, byte_size - (number - 1) * PART_BYTES)


def begin(key: str, content_type: str) -> str:
    """Start an upload in parts; its id."""
    bucket = config.read(FormSettings).uploads_bucket
    return aws.client("s3").create_multipart_upload(Bucket=bucket, Key=key, ContentType=content_type)["UploadId"]


def urls(key: str, upload_id: str, wanted: Iterable[int], byte_size: int, *, seconds: int) -> list[PartUrl]:
    """Where to send parts, during `seconds`. The length is signed: S3 takes no part of another."""
    settings = config.read(FormSettings)
    s3 = aws.client("s3", endpoint_url=settings.s3_public_endpoint)

    def url(number: int) -> str:
        parameters = {
            "Bucket": settings.uploads_bucket,
            "Key": key,
            "UploadId": upload_id,
            "PartNumber": number,
            "ContentLength": length(number, byte_size),
        }
        return s3.generate_presigned_url("upload_part", Params=parameters, ExpiresIn=seconds)

    return [PartUrl(number, url(number), length(number, byte_size)) for number in wanted]


def sent(key: str, upload_id: str) -> list[SentPart] | None:
    """The parts that have come, by number; None if the upload was completed or given up."""
    s3 = aws.client("s3")
    bucket = config.read(FormSettings).uploads_bucket
    try:
        pages: list[dict[str, Any]] = list(
            s3.get_paginator("list_parts").paginate(Bucket=bucket, Key=key, UploadId=upload_id)
        )
    except s3.exceptions.NoSuchUpload:
        return None
    return [
        SentPart(part["PartNumber"], part["Size"], part["ETag"]) for page in pages for part in page.get("Parts", [])
    ]


def complete(key: str, upload_id: str, parts: Iterable[SentPart]) -> None:
    """Make one object of the parts."""
    listed = [{"PartNumber": part.number, "ETag": part.etag} for part in parts]
    aws.client("s3").complete_multipart_upload(
        Bucket=config.read(FormSettings).uploads_bucket,
        Key=key,
        UploadId=upload_id,
        MultipartUpload={"Parts": listed},
    )
