"""Renditions follow the edits: the last edit wins, whatever is delivered twice, late, at once, or cut short."""

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageStat

from functions.media import objects, processing, rendering, service
from functions.media.edits import Edits
from functions.media.model import Media
from tests.unit.media.fakes import FakeS3, FakeStore
from tests.unit.media.pictures import encoded, quadrants
from tests.unit.media.test_processing import MEDIA

GREY = Edits(filter="graphite")


@pytest.fixture
def ready(s3: FakeS3, table: FakeStore) -> Media:
    """A small photo, uploaded and processed."""
    table.create(MEDIA, expires_at=1)
    s3.upload("m1", encoded(quadrants(60, 40), "PNG"))
    processing.process_upload("m1")
    return table.items["m1"]


def retired(s3: FakeS3) -> set[str]:
    return {key for key, headers in s3.headers.items() if headers.get("Tagging") == "replaced=true"}


def keys(media: Media) -> set[str]:
    return {rendition.key for rendition in media.renditions}


def colourful(s3: FakeS3, media: Media, folder: Path) -> bool:
    path = folder / "shown"
    path.write_bytes(s3.objects["test-media", media.renditions[0].key])
    with Image.open(path) as picture:
        red, _, blue = picture.convert("RGB").split()
        return ImageStat.Stat(ImageChops.difference(red, blue)).mean[0] > 20


def test_edits_replace_the_renditions_and_the_former_ones_stay_for_a_while(
    s3: FakeS3, table: FakeStore, ready: Media, tmp_path: Path
) -> None:
    service.edit("u1", "m1", Edits(filter="graphite", rotate=90))

    rendering.render_again("m1")

    media = table.items["m1"]
    assert media.is_settled
    assert (ready.width, ready.height, media.width, media.height) == (60, 40, 40, 60)
    assert media.placeholder != ready.placeholder
    assert colourful(s3, ready, tmp_path)
    assert not colourful(s3, media, tmp_path)
    # New pixels under new keys, and the old ones, as they were, only marked
    assert keys(media).isdisjoint(keys(ready))
    assert retired(s3) == keys(ready)
    old = s3.headers[ready.renditions[0].key]
    assert (old["ContentType"], old["CacheControl"]) == ("image/webp", objects.CACHE_CONTROL)


def test_edits_chosen_before_the_upload_are_there_from_the_start(s3: FakeS3, table: FakeStore, tmp_path: Path) -> None:
    table.create(MEDIA, expires_at=1)
    service.edit("u1", "m1", Edits(filter="graphite", rotate=90))
    s3.upload("m1", encoded(quadrants(60, 40), "PNG"))

    processing.process_upload("m1")

    media = table.items["m1"]
    assert (media.is_settled, media.width, media.height) == (True, 40, 60)
    assert not colourful(s3, media, tmp_path)


def test_edits_chosen_while_the_upload_is_worked_on_wait_to_be_rendered(
    s3: FakeS3, table: FakeStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table.create(MEDIA, expires_at=1)
    s3.upload("m1", encoded(quadrants(60, 40), "PNG"))
    put = objects.put_renditions

    def edited_meanwhile(files: Any) -> None:
        put(files)
        service.edit("u1", "m1", GREY)

    with monkeypatch.context() as busy:
        busy.setattr(objects, "put_renditions", edited_meanwhile)
        processing.process_upload("m1")
    assert (table.items["m1"].status, table.items["m1"].is_settled) == ("ready", False)

    rendering.render_again("m1")

    assert table.items["m1"].is_settled
    assert not colourful(s3, table.items["m1"], tmp_path)


def test_an_edit_during_a_rendering_wins(
    s3: FakeS3, table: FakeStore, ready: Media, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.edit("u1", "m1", Edits(rotate=90))
    put = objects.put_renditions

    def edited_meanwhile(files: Any) -> None:
        put(files)
        monkeypatch.setattr(objects, "put_renditions", put)
        service.edit("u1", "m1", GREY)
        rendering.render_again("m1")

    monkeypatch.setattr(objects, "put_renditions", edited_meanwhile)

    rendering.render_again("m1")

    media = table.items["m1"]
    assert (media.edits, media.rendered_revision, media.width) == ({"filter": "graphite"}, 2, 60)
    assert not colourful(s3, media, tmp_path)
    # and what the loser wrote goes with the former ones
    assert retired(s3) == set(s3.keys("test-media")) - keys(media) - {"originals/m1"}


def test_retired_renditions_are_not_looked_up_again(s3: FakeS3, table: FakeStore, ready: Media) -> None:
    for _ in range(3):
        service.edit("u1", "m1", GREY)
        rendering.render_again("m1")
    looked_at = len(s3.heads)
    service.edit("u1", "m1", Edits(rotate=90))

    for _ in range(2):
        rendering.render_again("m1")

    assert len(s3.heads) - looked_at == len(keys(ready))


@pytest.mark.parametrize("step", ["download_original", "put_renditions", "retire"])
def test_a_rendering_that_is_cut_short_is_taken_up_again(
    s3: FakeS3, table: FakeStore, ready: Media, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.edit("u1", "m1", GREY)

    def crash(*_arguments: object, **_options: object) -> None:
        raise ConnectionError(step)

    with monkeypatch.context() as broken:
        broken.setattr(objects, step, crash)
        with pytest.raises(ConnectionError, match=step):
            rendering.render_again("m1")
    # What was shown is there as long as nothing else is
    assert all(("test-media", key) in s3.objects for key in keys(table.items["m1"]))

    rendering.render_again("m1")

    assert table.items["m1"].is_settled
    assert retired(s3) == keys(ready)


def test_repeated_and_reordered_edits_give_the_same_result(s3: FakeS3, table: FakeStore, ready: Media) -> None:
    start, files, headers = dict(table.items), dict(s3.objects), dict(s3.headers)
    recipes = [GREY, Edits(rotate=90), Edits(), Edits(vignette=50)]

    def play(steps: list[Edits | None]) -> tuple[dict[str, Media], dict[tuple[str, str], bytes]]:
        """None is a delivery."""
        table.items, s3.objects, s3.headers = dict(start), dict(files), dict(headers)
        for step in steps:
            if step is None:
                rendering.render_again("m1")
            else:
                service.edit("u1", "m1", step)
        shown = {key: content for key, content in s3.objects.items() if key[1] not in retired(s3)}
        return dict(table.items), shown

    each = play([step for recipe in recipes for step in (recipe, None)])
    chance = random.Random(7)
    for _ in range(3):
        steps: list[Edits | None] = list(recipes)
        for _ in range(2 * len(recipes)):
            steps.insert(chance.randrange(len(steps) + 1), None)
        items, shown = play([*steps, None])
        assert shown == each[1]
        assert items["m1"].renditions == each[0]["m1"].renditions


def test_media_erased_during_rendering_leave_no_files(
    s3: FakeS3, table: FakeStore, ready: Media, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.edit("u1", "m1", GREY)
    put = objects.put_renditions

    def erased_meanwhile(files: Any) -> None:
        put(files)
        table.delete("m1")

    monkeypatch.setattr(objects, "put_renditions", erased_meanwhile)

    rendering.render_again("m1")

    assert s3.objects == {}


@pytest.mark.parametrize("status", ["awaitingUpload", "processing", "rejected"])
def test_unready_media_are_not_rendered(s3: FakeS3, table: FakeStore, status: Any) -> None:
    table.items["m1"] = replace(MEDIA, status=status, edit_revision=1)

    rendering.render_again("m1")
    rendering.render_again("m2")

    assert table.items == {"m1": replace(MEDIA, status=status, edit_revision=1)}
    assert s3.objects == {}


def test_an_original_that_can_no_longer_be_read_is_a_failure(s3: FakeS3, table: FakeStore, ready: Media) -> None:
    service.edit("u1", "m1", GREY)
    s3.objects["test-media", "originals/m1"] = b"\x89PNG\r\n\x1a\n broken"

    with pytest.raises(rendering.Unreadable, match="corrupt"):
        rendering.render_again("m1")

    assert keys(table.items["m1"]) == keys(ready)
