"""Full-size camera photos for tests, made from the small ones beside this file so that the checkout stays small."""

from pathlib import Path

from PIL import Image

SOURCE = Path(__file__).parent / "portrait-gps.jpg"
STORED = (4000, 3107)


def twelve_megapixels(path: Path) -> Path:
    """Write a JPEG as a phone held upright would: 4000x3107 pixels on their side, EXIF orientation 6, GPS position.

    Upright it has 3107x4000 pixels.
    """
    with Image.open(SOURCE) as image:
        image.resize(STORED, Image.Resampling.BICUBIC).save(path, "JPEG", quality=92, exif=image.getexif())
    return path
