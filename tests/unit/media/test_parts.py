"""Uploads in parts: promised, interrupted, resumed, completed."""

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from functions.media import multipart, uploading
from functions.media.multipart import PART_BYTES
from functions.media.uploading import Announcement
from heliograph.errors import Conflict, NotFound
from tests.unit.media.fakes import FakeS3, FakeStore

SIZE = 2 * PART_BYTES + 5


@pytest.fixture
def promised(s3: FakeS3, table: FakeStore) -> uploading.PartsRequest:
    return uploading.request_parts("u1", Announcement("video/quicktime", SIZE, "post"))


def key(request: uploading.PartsRequest) -> str:
    return f"videos/{request.media_id}"


def send(s3: FakeS3, request: uploading.PartsRequest, **sizes: int) -> None:
    for name, size in sizes.items():
        s3.parts[f"upload-of-{key(request)}"][int(name.removeprefix("part"))] = bytes(size)


@pytest.mark.parametrize(
    ("size", "lengths"),
    [
        (1, [1]),
        (PART_BYTES, [PART_BYTES]),
        (PART_BYTES + 1, [PART_BYTES, 1]),
        (SIZE, [PART_BYTES, PART_BYTES, 5]),
    ],
)
def test_parts_add_up_to_the_file(size: int, lengths: list[int]) -> None:
    assert [multipart.length(number, size) for number in multipart.numbers(size)] == lengths


def test_each_part_is_promised_with_its_length_signed(promised: uploading.PartsRequest, table: FakeStore) -> None:
    signed = [parse_qs(urlsplit(part.url).query) for part in promised.parts]

    assert [int(query["ContentLength"][0]) for query in signed] == [PART_BYTES, PART_BYTES, 5]
    assert [int(query["PartNumber"][0]) for query in signed] == [1, 2, 3]
    assert {urlsplit(part.url).path for part in promised.parts} == {f"/{key(promised)}"}
    media = table.items[promised.media_id]
    assert (media.media_type, media.status) == ("video", "awaitingUpload")


def test_photo_uploaded_in_parts_goes_to_the_photo_queue(s3: FakeS3, table: FakeStore) -> None:
    promised = uploading.request_parts("u1", Announcement("image/jpeg", 10, "post"))

    assert urlsplit(promised.parts[0].url).path == f"/uploads/{promised.media_id}"


def test_uploaded_parts_are_not_requested_again(promised: uploading.PartsRequest, s3: FakeS3) -> None:
    send(s3, promised, part1=PART_BYTES, part3=4)

    resumed = uploading.missing_parts("u1", promised.media_id)

    assert [part.number for part in resumed.parts] == [2, 3], "the third was cut short"


def test_an_upload_is_complete_when_all_parts_are_there(promised: uploading.PartsRequest, s3: FakeS3) -> None:
    # given a part too few
    send(s3, promised, part1=PART_BYTES, part3=5)
    with pytest.raises(Conflict, match="Parts are missing: 2"):
        uploading.complete_upload("u1", promised.media_id)
    assert s3.keys("test-uploads") == []

    # when it comes, and the answer to the first completion is lost
    send(s3, promised, part2=PART_BYTES)
    for _ in range(2):
        assert uploading.complete_upload("u1", promised.media_id).media_id == promised.media_id

    # then the file is there, whole, and nothing is waited for
    assert len(s3.objects["test-uploads", key(promised)]) == SIZE
    with pytest.raises(Conflict):
        uploading.missing_parts("u1", promised.media_id)


def test_decided_upload_is_not_completed_again(promised: uploading.PartsRequest, s3: FakeS3, table: FakeStore) -> None:
    table.items[promised.media_id] = replace(table.items[promised.media_id], status="rejected", reason="corrupt")

    assert uploading.complete_upload("u1", promised.media_id).status == "rejected"


def test_parts_are_visible_to_their_owner_only(promised: uploading.PartsRequest) -> None:
    for attempt in (uploading.missing_parts, uploading.complete_upload):
        with pytest.raises(NotFound):
            attempt("u2", promised.media_id)


def test_an_upload_by_form_has_no_parts(s3: FakeS3, table: FakeStore) -> None:
    request = uploading.request_upload("u1", Announcement("image/jpeg", 10, "post"))

    with pytest.raises(Conflict):
        uploading.missing_parts("u1", request.media_id)
