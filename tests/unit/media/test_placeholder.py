import pytest
from PIL import Image

from functions.media import placeholder


def pattern(width: int, height: int) -> Image.Image:
    image = Image.new("RGB", (width, height))
    image.putdata(
        [
            ((x * y + 3 * x) % 256, (x * x * 5 + y * 11) % 256, (y * y * 7 + x * 3) % 256)
            for y in range(height)
            for x in range(width)
        ]
    )
    return image


# Made by the reference encoder (npm package thumbhash 0.1.1) from the same pixels.
@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((20, 32), "3NcFJAowI4QJdKEWa4QQhgYzdg=="),
        ((32, 20), "HNgFJIhCVockdWmAelYwlQxRhw=="),
        ((32, 32), "HegFFwZBVHRUhpg1dwiZR7dnFXBFIFMG"),
        ((32, 5), "V7gJIYxgdZaSd5eIV58ES3k="),
        ((1, 1), "AAgCBwAAAAAAAAAAAAAAAAAAAAAAAAAA"),
    ],
)
def test_thumbhash_equals_the_reference_encoder(size: tuple[int, int], expected: str) -> None:
    assert placeholder.thumbhash(pattern(*size)) == expected


def test_thumbhash_refuses_a_picture_that_is_too_large() -> None:
    with pytest.raises(ValueError, match="101x5"):
        placeholder.thumbhash(Image.new("RGB", (101, 5)))


def test_dominant_color_is_that_of_the_largest_area() -> None:
    image = Image.new("RGB", (32, 32), (200, 40, 20))
    image.paste((10, 60, 200), (0, 0, 32, 10))

    assert placeholder.dominant_color(image) == "#c82814"
