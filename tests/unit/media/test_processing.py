import random
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from functions.media import inspection, moderation, objects, processing, rehearsal, scanning, service
from functions.media.model import MAX_IMAGE_BYTES, Appraisal, Media
from heliograph.errors import NotFound
from tests.unit.media.fakes import FakeBands, FakeS3, FakeStore, PreconditionFailed
from tests.unit.media.pictures import bomb, encoded, png, write

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


def uploaded(s3: FakeS3, table: FakeStore, media_id: str, content: bytes, **changes: Any) -> None:
    """Upload a file and work on it."""
    table.create(replace(MEDIA, media_id=media_id, **changes), expires_at=1_795_000_000)
    s3.upload(media_id, content)
    processing.process_upload(media_id)


def test_a_photo_becomes_ready(s3: FakeS3, announced: FakeStore, portrait: Path) -> None:
    s3.upload("m1", portrait.read_bytes())

    processing.process_upload("m1")

    media = announced.items["m1"]
    assert (media.status, media.width, media.height, media.reason) == ("ready", 699, 900, None)
    assert media.placeholder
    assert media.dominant_color
    assert {(rendition.name, rendition.width, rendition.content_type) for rendition in media.renditions} == {
        (name, width, form)
        for name, width in (("w1080", 699), ("w640", 640), ("w320", 320), ("thumb", 150))
        for form in ("image/jpeg", "image/webp")
    }
    assert s3.keys("test-uploads") == []


@pytest.mark.parametrize("wished", [True, False])
def test_location_is_kept_only_if_wished(s3: FakeS3, table: FakeStore, portrait: Path, wished: bool) -> None:
    uploaded(s3, table, "m1", portrait.read_bytes(), keep_location=wished)

    capture = table.items["m1"].capture
    assert capture is not None
    assert capture.camera, "the rest is kept in any case"
    assert (capture.location is not None) == wished


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


def test_a_malicious_upload_is_not_even_opened(
    s3: FakeS3, announced: FakeStore, portrait: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3.upload("m1", portrait.read_bytes() + b"<script>")
    monkeypatch.setattr(inspection, "inspect", lambda path: pytest.fail(f"{path} was inspected"))

    processing.process_upload("m1")

    assert (announced.items["m1"].status, announced.items["m1"].reason) == ("rejected", "malicious")
    assert s3.objects == {}


def test_an_upload_that_is_not_scanned_yet_waits(
    s3: FakeS3, announced: FakeStore, portrait: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3.upload("m1", portrait.read_bytes())
    with monkeypatch.context() as unscanned:
        unscanned.setattr(scanning, "scan", lambda *_: scanning.Scan("pending"))
        unscanned.setattr(inspection, "inspect", lambda path: pytest.fail(f"{path} was inspected"))
        with pytest.raises(scanning.ScanPending):
            processing.process_upload("m1")
    assert s3.keys("test-media") == []

    processing.process_upload("m1")

    assert announced.items["m1"].status == "ready"


def test_a_picture_that_no_model_has_seen_waits(
    s3: FakeS3, announced: FakeStore, portrait: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3.upload("m1", portrait.read_bytes())

    def down(_jpeg: bytes) -> dict[str, float]:
        raise moderation.ModerationUnavailable

    with monkeypatch.context() as broken:
        broken.setattr(moderation, "_model", down)
        with pytest.raises(moderation.ModerationUnavailable):
            processing.process_upload("m1")
    assert (announced.items["m1"].status, s3.keys("test-media")) == ("processing", [])

    processing.process_upload("m1")

    assert announced.items["m1"].status == "ready"


def test_a_blocked_picture_is_refused_and_its_like_too(
    s3: FakeS3, table: FakeStore, known: FakeBands, model: dict[str, float], portrait: Path
) -> None:
    # Given a picture that the model blocks
    model["explicit"] = 1.0
    uploaded(s3, table, "m1", portrait.read_bytes())
    model.clear()
    blocked = set(known.blocked)
    # When it is uploaded again, smaller and mirrored, and harmless to the model
    with Image.open(portrait) as picture:
        again = picture.resize((300, 233)).transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    uploaded(s3, table, "m2", encoded(again, "JPEG"))
    # Then both are refused, nothing is kept, and the circle of what is blocked has not grown
    verdicts = [(media.status, media.reason) for media in table.items.values()]
    assert verdicts == [("rejected", "contentPolicy")] * 2
    assert s3.objects == {}
    assert known.recorded == set()
    assert known.blocked == blocked


def test_copies_are_flagged_except_own_ones(
    s3: FakeS3, table: FakeStore, known: FakeBands, landscape: Path, portrait: Path
) -> None:
    # Given the same picture uploaded by u1, u2, u1, and another by u2
    for media_id, user_id, photo in (
        ("m1", "u1", landscape),
        ("m2", "u2", landscape),
        ("m3", "u1", landscape),
        ("m4", "u2", portrait),
    ):
        uploaded(s3, table, media_id, photo.read_bytes(), user_id=user_id)
    # Then the second one alone is a copy, and all are ready
    copies = {media_id: media.appraisal and media.appraisal.is_copy for media_id, media in table.items.items()}
    assert copies == {"m1": False, "m2": True, "m3": False, "m4": False}
    assert {media.status for media in table.items.values()} == {"ready"}
    # And when the first is deleted, its author is forgotten
    service.erase(["m1"], "post#1")
    assert {media_id for media_id, _, _ in known.recorded} == {"m1", "m2", "m3", "m4"}
    table.items["m1"] = replace(table.items["m1"], attached_to="post#1")
    service.erase(["m1"], "post#1")
    assert {media_id for media_id, _, _ in known.recorded} == {"m2", "m3", "m4"}


def test_plain_picture_is_never_a_copy(s3: FakeS3, table: FakeStore, known: FakeBands) -> None:
    plain = encoded(Image.new("RGB", (400, 300), "navy"), "PNG")
    for media_id, user_id in (("m1", "u1"), ("m2", "u2")):
        uploaded(s3, table, media_id, plain, user_id=user_id)
    assert [media.appraisal for media in table.items.values()] == [Appraisal("allow", {})] * 2
    assert known.recorded == set()


@pytest.mark.parametrize(("size", "judged"), [((900, 600), (320, 213)), ((900, 90), (320, 50)), ((60, 40), (60, 50))])
def test_a_model_is_shown_no_picture_too_small_for_it(
    s3: FakeS3, table: FakeStore, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], judged: tuple[int, int]
) -> None:
    shown: list[tuple[int, int]] = []

    def look(jpeg: bytes) -> dict[str, float]:
        shown.append(Image.open(BytesIO(jpeg)).size)
        return {}

    monkeypatch.setattr(moderation, "_model", look)
    uploaded(s3, table, "m1", encoded(Image.effect_noise(size, 90), "PNG"))
    assert shown == [judged]


def test_a_watermark_is_on_the_shared_picture_alone(s3: FakeS3, table: FakeStore, landscape: Path) -> None:
    for media_id, name in (("m1", "@ada"), ("m2", None)):
        uploaded(s3, table, media_id, landscape.read_bytes(), watermark=name)
    marked, plain = table.items["m1"], table.items["m2"]
    assert (marked.share_key, plain.share_key) == ("m/m1/0/share.jpg", None)
    assert s3.headers["m/m1/0/share.jpg"]["ContentType"] == "image/jpeg"
    assert "share" not in {rendition.name for rendition in marked.renditions}
    pictures = [s3.objects["test-media", f"m/{media_id}/0/w1080.jpg"] for media_id in ("m1", "m2")]
    assert pictures[0] == pictures[1] != s3.objects["test-media", "m/m1/0/share.jpg"]


def test_blocking_needs_no_picture_only_its_fingerprint(
    s3: FakeS3, table: FakeStore, known: FakeBands, landscape: Path
) -> None:
    # Given a picture that is shown
    uploaded(s3, table, "m1", landscape.read_bytes())
    # When it is blocked, twice
    for _ in range(2):
        service.block("m1")
    # Then the next one like it is refused
    uploaded(s3, table, "m2", landscape.read_bytes(), user_id="u2")
    assert table.items["m2"].reason == "contentPolicy"
    with pytest.raises(NotFound):
        service.block("m3")


def test_only_interrupted_uploads_are_rehearsed(
    s3: FakeS3, table: FakeStore, portrait: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rehearsal, "survives", lambda _path: False)

    uploaded(s3, table, "m1", portrait.read_bytes())
    uploaded(s3, table, "m2", portrait.read_bytes(), status="processing")

    verdicts = [(media.status, media.reason) for media in table.items.values()]
    assert verdicts == [("ready", None), ("rejected", "corrupt")]


def test_rehearsal_fails_for_files_that_exceed_memory_only(tmp_path: Path) -> None:
    # Given a picture of 64 million pixels, which takes a byte for each of them at least
    large = write(tmp_path / "large.png", png(8000, 8000, rows=bytes(1001 * 8000)))
    # Then it survives where there is enough memory for it, and only there
    assert rehearsal.survives(large)
    assert not rehearsal.survives(large, memory_bytes=120 * 1024 * 1024)
    # And what cannot be decoded kills nobody
    assert rehearsal.survives(write(tmp_path / "broken.jpg", b"\xff\xd8\xff not much of a photo"))


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


def test_repeated_processing_changes_nothing(s3: FakeS3, announced: FakeStore, portrait: Path) -> None:
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
def test_redelivery_recovers_from_a_crash_at_any_step(
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


def test_upload_erased_during_processing_leaves_no_files(
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


def test_repeated_and_reordered_uploads_give_the_same_result(s3: FakeS3, table: FakeStore, tmp_path: Path) -> None:
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
