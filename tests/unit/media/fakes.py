"""S3 and the media table in memory, with the behaviour that processing leans on."""

# ruff: noqa: N801, N803 (boto3's names)

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

from functions.media import bands
from functions.media.model import Appraisal, Media, Reason


class ClientError(Exception):
    """What boto3 raises; `status` is HTTP's."""

    status = 400

    @property
    def response(self) -> dict[str, Any]:
        return {"ResponseMetadata": {"HTTPStatusCode": self.status}}


class NoSuchKey(ClientError):
    status = 404


class NoSuchUpload(ClientError):
    status = 404


class PreconditionFailed(ClientError):
    status = 412


class Body(BytesIO):
    def iter_chunks(self, size: int) -> Iterator[bytes]:
        while chunk := self.read(size):
            yield chunk


class FakeS3:
    """Objects by (bucket, key); `headers` keeps what they were stored with, `heads` what was asked for alone."""

    class exceptions:
        ClientError = ClientError
        NoSuchKey = NoSuchKey
        NoSuchUpload = NoSuchUpload

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str], bytes] = {}
        self.headers: dict[str, dict[str, Any]] = {}
        self.form: dict[str, Any] = {}
        self.parts: dict[str, dict[int, bytes]] = {}
        self.heads: list[str] = []

    def upload(self, media_id: str, content: bytes) -> None:
        self.objects["test-uploads", f"uploads/{media_id}"] = content

    def keys(self, bucket: str) -> list[str]:
        return sorted(key for owner, key in self.objects if owner == bucket)

    def get_object(self, Bucket: str, Key: str, IfMatch: str | None = None) -> dict[str, Any]:
        if (Bucket, Key) not in self.objects:
            raise NoSuchKey(Key)
        content = self.objects[Bucket, Key]
        if IfMatch not in (None, _etag(content)):
            raise PreconditionFailed(Key)
        return {"Body": Body(content), "ContentLength": len(content), "ETag": _etag(content)}

    def put_object(self, Bucket: str, Key: str, Body: bytes, **headers: Any) -> None:
        self.objects[Bucket, Key] = Body
        self.headers[Key] = headers

    def copy_object(
        self, Bucket: str, Key: str, CopySource: dict[str, str], CopySourceIfMatch: str | None = None, **headers: Any
    ) -> None:
        content = self.get_object(**CopySource)["Body"].read()
        if CopySourceIfMatch not in (None, _etag(content)):
            raise PreconditionFailed(Key)
        self.objects[Bucket, Key] = content
        self.headers[Key] = headers

    def head_object(self, Bucket: str, Key: str) -> dict[str, Any]:
        self.heads.append(Key)
        answer = self.get_object(Bucket, Key)
        headers = self.headers.get(Key, {})
        tags = len(headers.get("Tagging", "").split("&")) if "Tagging" in headers else 0
        return {**answer, **headers, **({"TagCount": tags} if tags else {})}

    def delete_object(self, Bucket: str, Key: str) -> None:
        self.objects.pop((Bucket, Key), None)

    def create_multipart_upload(self, Bucket: str, Key: str, ContentType: str) -> dict[str, str]:
        self.parts[f"upload-of-{Key}"] = {}
        return {"UploadId": f"upload-of-{Key}"}

    def complete_multipart_upload(self, Bucket: str, Key: str, UploadId: str, MultipartUpload: dict[str, Any]) -> None:
        sent = self.parts.pop(UploadId)
        listed = [part["PartNumber"] for part in MultipartUpload["Parts"]]
        self.objects[Bucket, Key] = b"".join(sent[number] for number in listed)

    def generate_presigned_url(self, operation: str, Params: dict[str, Any], ExpiresIn: int) -> str:
        return f"https://{operation}.example/{Params['Key']}?{urlencode(Params)}&expires={ExpiresIn}"

    def get_paginator(self, _operation: str) -> "FakeS3":
        return self

    def paginate(
        self, Bucket: str, Prefix: str = "", StartAfter: str = "", Key: str = "", UploadId: str = ""
    ) -> Iterator[dict[str, Any]]:
        if UploadId:
            if UploadId not in self.parts:
                raise NoSuchUpload(UploadId)
            yield {
                "Parts": [
                    {"PartNumber": number, "Size": len(content), "ETag": _etag(content)}
                    for number, content in sorted(self.parts[UploadId].items())
                ]
            }
            return
        yield {"Contents": [{"Key": key} for key in self.keys(Bucket) if key.startswith(Prefix) and key > StartAfter]}
        yield {}

    def generate_presigned_post(self, **form: Any) -> dict[str, Any]:
        self.form = form
        return {"url": "https://uploads.example/", "fields": {**form["Fields"], "key": form["Key"], "policy": "signed"}}


def _etag(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class FakeStore:
    """`functions.media.store` over a dict; conditions as the real one states them."""

    def __init__(self) -> None:
        self.items: dict[str, Media] = {}
        self.expiries: dict[str, int | None] = {}

    def create(self, media: Media, *, expires_at: int) -> None:
        self.items[media.media_id] = media
        self.expiries[media.media_id] = expires_at

    def find(self, media_id: str, *, consistent: bool = False) -> Media | None:
        return self.items.get(media_id)

    def find_all(self, media_ids: Iterable[str], *, consistent: bool = False) -> dict[str, Media]:
        return {media_id: self.items[media_id] for media_id in media_ids if media_id in self.items}

    def begin(self, media_id: str) -> bool:
        return self._write(media_id, {"awaitingUpload"}, status="processing")

    def reject(self, media_id: str, reason: Reason) -> bool:
        return self._write(media_id, {"awaitingUpload", "processing"}, status="rejected", reason=reason)

    def appraise(self, media_id: str, appraisal: Appraisal) -> bool:
        return self._write(media_id, {"awaitingUpload", "processing"}, appraisal=appraisal)

    def finish(self, media_id: str, *, revision: int = 0, renditions: Iterable[Any], **values: Any) -> bool:
        values |= {"media_type": "video", "edits": None, "edit_revision": 0} if values.get("video") else {}
        values |= {"renditions": tuple(renditions), "status": "ready", "rendered_revision": revision}
        return self._write(media_id, {"awaitingUpload", "processing"}, **values)

    def show(self, media_id: str, *, revision: int, renditions: Iterable[Any], **values: Any) -> bool:
        media = self.items.get(media_id)
        if media is None or media.edit_revision != revision or media.rendered_revision >= revision:
            return False
        return self._write(media_id, {"ready"}, renditions=tuple(renditions), rendered_revision=revision, **values)

    def retire(self, media_id: str, *, before: int) -> None:
        if media_id in self.items and self.items[media_id].retired_revision < before:
            self._write(media_id, {"ready"}, retired_revision=before)

    def edit(self, media_id: str, user_id: str, edits: dict[str, Any] | None) -> bool:
        media = self.items.get(media_id)
        if media is None or media.user_id != user_id or (media.attached_to or "").startswith("profile#"):
            return False
        editable = {"awaitingUpload", "processing", "ready"}
        return self._write(media_id, editable, edits=edits, edit_revision=media.edit_revision + 1)

    def describe(self, media_id: str, user_id: str, alt_text: str | None) -> bool:
        owned = media_id in self.items and self.items[media_id].user_id == user_id
        return owned and self._write(media_id, {self.items[media_id].status}, alt_text=alt_text)

    def delete(self, media_id: str) -> None:
        self.items.pop(media_id, None)

    def _write(self, media_id: str, allowed: set[str], **values: Any) -> bool:
        before = self.items.get(media_id)
        if before is None or before.status not in allowed:
            return False
        self.items[media_id] = replace(before, version=before.version + 1, **values)
        return True


class FakeBands:
    """`functions.media.bands` over two sets; every entry is compared."""

    def __init__(self) -> None:
        self.blocked: set[int] = set()
        self.recorded: set[tuple[str, str, str]] = set()

    def is_blocked(self, fingerprint: str) -> bool:
        return any((int(fingerprint, 16) ^ other).bit_count() <= bands.BLOCKED.reach for other in self.blocked)

    def block(self, fingerprint: str) -> None:
        self.blocked.update(bands.variants(int(fingerprint, 16)))

    def owners(self, fingerprint: str) -> list[bands.Owner]:
        value = int(fingerprint, 16)
        all_of_them = (bands.Owner(m, u, (value ^ int(other, 16)).bit_count()) for m, u, other in self.recorded)
        near = [owner for owner in all_of_them if owner.distance <= bands.FIRST.reach]
        return sorted(near, key=lambda owner: owner.media_id)

    def record(self, fingerprint: str, media_id: str, user_id: str) -> None:
        self.recorded.add((media_id, user_id, fingerprint))

    def forget(self, fingerprint: str, media_id: str, user_id: str) -> None:
        self.recorded.discard((media_id, user_id, fingerprint))

    def forget_media(self, media: Media) -> None:
        self.recorded = {entry for entry in self.recorded if entry[0] != media.media_id}
