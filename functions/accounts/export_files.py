"""The bucket of exports: parts while they are gathered (`heliograph.personal`), then `<userId>/<exportId>.zip`."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from heliograph import aws, config
from heliograph.personal import ExportSettings, parts_prefix

LINK_SECONDS = 3600
FILE_NAME = "heliograph.zip"


class LinkSettings(ExportSettings):
    s3_public_endpoint: str | None = None


def sections_finished(user_id: str, export_id: str) -> int:
    """How many sections have all their parts: they come one after the other, and the last one may not be complete."""
    prefix = parts_prefix(user_id, export_id)
    answer = aws.client("s3").list_objects_v2(Bucket=_bucket(), Prefix=prefix, Delimiter="/")
    return max(len(answer.get("CommonPrefixes", [])) - 1, 0)


def parts(user_id: str, export_id: str, section: str) -> Iterator[list[dict[str, Any]]]:
    """The documents of a section, part by part, in order."""
    s3 = aws.client("s3")
    for key in _keys(f"{parts_prefix(user_id, export_id)}{section}/"):
        yield json.load(s3.get_object(Bucket=_bucket(), Key=key)["Body"])


def put(user_id: str, export_id: str, path: Path) -> None:
    """Store the finished file."""
    aws.client("s3").upload_file(
        str(path), _bucket(), _key(user_id, export_id), ExtraArgs={"ContentType": "application/zip"}
    )


def url(user_id: str, export_id: str) -> str:
    """Where its owner fetches the finished file, for an hour."""
    settings = config.read(LinkSettings)
    return aws.client("s3", endpoint_url=settings.s3_public_endpoint).generate_presigned_url(
        "get_object",
        Params={
            "Bucket": settings.exports_bucket,
            "Key": _key(user_id, export_id),
            "ResponseContentDisposition": f'attachment; filename="{FILE_NAME}"',
        },
        ExpiresIn=LINK_SECONDS,
    )


def drop_parts(user_id: str, export_id: str) -> None:
    _drop(parts_prefix(user_id, export_id))


def drop_all(user_id: str) -> None:
    """Delete every file and part of an account."""
    _drop(f"{user_id}/")


def _key(user_id: str, export_id: str) -> str:
    return f"{user_id}/{export_id}.zip"


def _bucket() -> str:
    return config.read(ExportSettings).exports_bucket


def _keys(prefix: str) -> Iterator[str]:
    for page in aws.client("s3").get_paginator("list_objects_v2").paginate(Bucket=_bucket(), Prefix=prefix):
        for item in page.get("Contents", []):
            yield item["Key"]


def _drop(prefix: str) -> None:
    for key in _keys(prefix):
        aws.client("s3").delete_object(Bucket=_bucket(), Key=key)
