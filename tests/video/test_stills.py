"""Pictures, preview and samples of clips, also of those that hardly move."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageStat

from functions.media.video import stills
from functions.media.video.ladder import USUAL
from functions.media.video.probe import probe
from tests.video.clips import PLAIN, Recipe

SLOW = ("-enc_time_base", "1:90000", "-video_track_timescale", "90000")
RECIPES = (
    PLAIN,
    Recipe("turned.mp4", size="320x180", turned=90),
    Recipe("one-frame.mp4", seconds=1, rate=1),
    Recipe("two-frames.mp4", seconds=2, rate=1, filters="settb=1/90000,setpts='PTS*9'", more=SLOW),
    Recipe("animation.gif", seconds=2, rate=5, size="160x120", video=(), more=("-pix_fmt", "pal8")),
)


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_every_clip_has_pictures_and_a_preview(recipe: Recipe, tmp_path: Path) -> None:
    source = recipe.make(tmp_path)
    clip = probe(source)
    upright = clip.width > clip.height

    judged = list(stills.judged_frames(source, clip, tmp_path))
    pictures = [stills.poster(source, clip, tmp_path), *stills.thumbnails(source, clip, tmp_path)]
    preview = stills.preview(source, clip, tmp_path)

    assert len(judged) >= stills.JUDGED_AT_LEAST
    for content in (*judged, *(path.read_bytes() for path in pictures)):
        with Image.open(BytesIO(content)) as image:
            assert (image.format, image.width > image.height) == ("JPEG", upright)
    previewed = probe(preview)
    assert (previewed.has_sound, previewed.width > previewed.height) == (False, upright)
    assert previewed.seconds <= stills.PREVIEW_SECONDS + 0.1


def test_the_poster_is_not_the_black_frame_that_a_clip_begins_with(tmp_path: Path) -> None:
    source = Recipe("faded.mp4", seconds=2, filters="fade=in:0:20").make(tmp_path)

    with Image.open(stills.poster(source, probe(source), tmp_path)) as image:
        assert ImageStat.Stat(image.convert("L")).mean[0] > 60


def test_noise_is_busier_than_a_still(tmp_path: Path) -> None:
    calm = Recipe("calm.mp4", seconds=2, filters="trim=end_frame=1,loop=60:1:0,setpts=N").make(tmp_path)
    busy = Recipe("busy.mp4", seconds=2, filters="noise=alls=80:allf=t").make(tmp_path)

    bits = [stills.bits_per_pixel(path, probe(path), tmp_path) for path in (calm, busy)]

    assert bits[0] < bits[1]
    assert bits[1] > USUAL
