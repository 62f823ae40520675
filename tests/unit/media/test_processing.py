import random
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from functions.media import inspection, objects, processing
from functions.media.model import MAX_IMAGE_BYTES, Media
from tests.unit.media.fakes import FakeS3, FakeStore, PreconditionFailed
from tests.unit.media.pictures import bomb

MEDIA = Media(
    media_id="m1",
    user_id="u1",
    status="awaitingUpload",
    purpose="post",
    content_type="image/jpeg",
    byte_size=100_000,
    media_type="image",
    created_at=datetime(2026, 11, 22, tzinfo=UTC),
    version=1,
)


@pytest.fixture
def announced(table: FakeStore) -> FakeStore:
    """The table with one item that waits for its upload."""
    table.create(MEDIA, expires_at=1_795_000_000)
    return table


def test_a_photo_becomes_ready(s3: FakeS3, announced: FakeStore, portrait: Path) -> None:
    s3.upload("m1", portrait.read_bytes())

    processing.process_upload("m1")

    media = announced.items["m1"]
    assert (media.status, media.width, media.height, media.reason) == ("ready", 699, 900, None)
    assert media.placeholder
    assert media.dominant_color
    assert announced.expiries["m1"] is None
    assert {(rendition.name, rendition.width, rendition.content_type) for rendition in media.renditions} == {
        (name, width, form)
        for name, width in (("w1080", 699), ("w640", 640), ("w320", 320), ("thumb", 150))
        for form in ("image/jpeg", "image/webp")
    }
    assert s3.keys("test-uploads") == []


def test_files_are_where_the_item_says(s3: FakeS3, announced: FakeStore, portrait: Path) -> None:
    s3.upload("m1", portrait.read_bytes())

    processing.process_upload("m1")

    renditions = announced.items["m1"].renditions
    assert s3.keys("test-media") == sorted(["originals/m1", *(rendition.key for rendition in renditions)])
    assert s3.objects["test-media", "originals/m1"] == portrait.read_bytes()
    for rendition in renditions:
        content = s3.objects["test-media", rendition.key]
        assert len(content) == rendition.bytes
        assert s3.headers[rendition.key]["ContentType"] == rendition.content_type
        assert rendition.key.startswith("m/m1/0/")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"words, not pixels " * 50, "unsupportedFormat"),
        (b"\xff\xd8\xff\xe0 not much of a photo", "corrupt"),
        (bomb(), "tooManyPixels"),
        (bytes(MAX_IMAGE_BYTES + 1), "tooLarge"),
    ],
)
def test_a_bad_upload_is_rejected_and_nothing_of_it_is_kept(
    s3: FakeS3, announced: FakeStore, content: bytes, reason: str
) -> None:
    s3.upload("m1", content)

    processing.process_upload("m1")

    assert (announced.items["m1"].status, announced.items["m1"].reason) == ("rejected", reason)
    assert s3.objects == {}


def test_too_many_bytes_are_not_even_read(s3: FakeS3, announced: FakeStore, monkeypatch: pytest.MonkeyPatch) -> None:
    s3.upload("m1", bytes(MAX_IMAGE_BYTES + 1))
    monkeypatch.setattr(inspection, "inspect", lambda path: pytest.fail(f"{path} was inspected"))

    processing.process_upload("m1")

    assert announced.items["m1"].reason == "tooLarge"


def test_an_upload_of_an_unknown_item_is_dropped(s3: FakeS3, table: FakeStore, portrait: Path) -> None:
    s3.upload("m1", portrait.read_bytes())

    processing.process_upload("m1")

    assert table.items == {}
    assert s3.keys("test-media") == []


def test_a_notification_without_object_changes_nothing(s3: FakeS3, announced: FakeStore) -> None:
    processing.process_upload("m1")

    assert announced.items == {"m1": MEDIA}


def test_doing_it_all_again_changes_nothing(s3: FakeS3, announced: FakeStore, portrait: Path) -> None:
    s3.upload("m1", portrait.read_bytes())
    processing.process_upload("m1")
    items, stored = dict(announced.items), dict(s3.objects)

    processing.process_upload("m1")

    assert (announced.items, s3.objects) == (items, stored)


def test_a_form_used_twice_changes_nothing(s3: FakeS3, announced: FakeStore, portrait: Path, landscape: Path) -> None:
    s3.upload("m1", portrait.read_bytes())
    processing.process_upload("m1")
    items, stored = dict(announced.items), dict(s3.objects)

    s3.upload("m1", landscape.read_bytes())
    processing.process_upload("m1")

    assert (announced.items, s3.objects) == (items, stored)


def test_an_upload_replaced_while_it_was_inspected_is_tried_again(
    s3: FakeS3, announced: FakeStore, portrait: Path, landscape: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was inspected and what is kept as the original are the same bytes."""
    s3.upload("m1", portrait.read_bytes())
    inspect = inspection.inspect

    def replace_meanwhile(path: Path) -> object:
        s3.upload("m1", landscape.read_bytes())
        return inspect(path)

    monkeypatch.setattr(inspection, "inspect", replace_meanwhile)
    with pytest.raises(PreconditionFailed):
        processing.process_upload("m1")
    assert announced.items["m1"].status == "processing"

    monkeypatch.setattr(inspection, "inspect", inspect)
    processing.process_upload("m1")
    assert (announced.items["m1"].status, announced.items["m1"].width) == ("ready", 1200)


@pytest.mark.parametrize("step", ["download", "keep_original", "put_renditions", "delete_upload"])
def test_a_crash_at_any_step_is_made_good_by_the_next_delivery(
    s3: FakeS3, announced: FakeStore, portrait: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    # Given a worker that dies at one step
    s3.upload("m1", portrait.read_bytes())

    def crash(*_arguments: object, **_options: object) -> None:
        raise ConnectionError(step)

    with monkeypatch.context() as broken:
        broken.setattr(objects, step, crash)
        with pytest.raises(ConnectionError, match=step):
            processing.process_upload("m1")

    # When the queue delivers the message again
    processing.process_upload("m1")

    media = announced.items["m1"]
    assert media.status == "ready"
    assert s3.keys("test-uploads") == []
    for rendition in media.renditions:
        assert len(s3.objects["test-media", rendition.key]) == rendition.bytes


def test_what_is_erased_meanwhile_leaves_no_files(
    s3: FakeS3, announced: FakeStore, portrait: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3.upload("m1", portrait.read_bytes())
    put = objects.put_renditions

    def erase_meanwhile(*arguments: object) -> None:
        put(*arguments)  # pyright: ignore[reportArgumentType]  (passed through)
        announced.delete("m1")

    monkeypatch.setattr(objects, "put_renditions", erase_meanwhile)

    processing.process_upload("m1")

    assert s3.objects == {}


def test_many_uploads_twice_and_shuffled_end_alike(s3: FakeS3, table: FakeStore, tmp_path: Path) -> None:
    from dataclasses import replace

    small = tmp_path / "small.png"
    Image.new("RGB", (40, 30), "navy").save(small)
    contents = {f"m{number}": small.read_bytes() if number % 3 else b"nothing" for number in range(9)}

    def play(deliveries: list[str]) -> tuple[dict[str, Media], dict[tuple[str, str], bytes]]:
        s3.objects.clear()
        for media_id, content in contents.items():
            table.create(replace(MEDIA, media_id=media_id), expires_at=1)
            s3.upload(media_id, content)
        for media_id in deliveries:
            processing.process_upload(media_id)
        return dict(table.items), dict(s3.objects)

    shuffled = [*contents, *contents]
    random.Random(7).shuffle(shuffled)

    assert play(shuffled) == play(list(contents))
