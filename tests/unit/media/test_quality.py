from pathlib import Path

import pytest
from PIL import Image, ImageFilter

from functions.media import quality


@pytest.fixture
def noise() -> Image.Image:
    return Image.effect_noise((320, 200), 90).convert("RGB")


def test_busy_pictures_are_compressed_harder(noise: Image.Image, landscape: Path) -> None:
    sky = Image.linear_gradient("L").resize((320, 200)).convert("RGB")
    with Image.open(landscape) as image:
        photo = image.resize((320, 213))

    levels = [quality.chosen(picture) for picture in (sky, photo, noise)]

    assert levels == sorted(levels, reverse=True)
    assert levels[0] > levels[1] > levels[2]


def test_the_level_stays_within_its_bounds(noise: Image.Image) -> None:
    (_, most), (_, least) = quality.SMOOTH, quality.BUSY
    flat = Image.new("RGB", (320, 200), "white")

    assert quality.chosen(flat) == most
    assert quality.chosen(noise) == least


def test_blurring_never_lowers_the_level(noise: Image.Image) -> None:
    levels = [quality.chosen(noise.filter(ImageFilter.GaussianBlur(radius))) for radius in (0, 0.5, 1, 2, 4, 8)]

    assert levels == sorted(levels)
