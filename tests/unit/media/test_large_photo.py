from pathlib import Path

from functions.media.inspection import inspect
from functions.media.photo import Photo
from functions.media.renditions import render
from tests.data.large_photo import twelve_megapixels


def test_a_camera_photo_goes_the_whole_way(tmp_path: Path) -> None:
    photo = inspect(twelve_megapixels(tmp_path / "camera.jpg"))

    assert isinstance(photo, Photo)
    assert (photo.width, photo.height, photo.orientation) == (3107, 4000, 6)
    # Decoded at half size: a quarter would be narrower than the largest rendition.
    assert photo.image.size == (2000, 1554)
    largest = render(photo, tmp_path).files[0]
    assert (largest.name, largest.width, largest.height) == ("w1080", 1080, 1390)
