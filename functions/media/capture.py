"""What a camera wrote about a photo: when, with what, where. Kept for the owner; renditions carry none of it.

Tags and their meaning: Exif 3.0 (CIPA DC-008-2023). Every value is a stranger's: what does not parse is left out.
"""

import math
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from PIL import ExifTags, Image

from functions.media.model import Capture, Location

# What Pillow raises on EXIF that is broken or lies about its sizes.
UNREADABLE = (OSError, SyntaxError, ValueError, TypeError, IndexError, KeyError, ArithmeticError)
MAX_CAMERA = 100


def read(image: Image.Image) -> Capture:
    """Of an opened picture; empty where there is nothing, or nothing readable."""
    try:
        exif = image.getexif()
        details = exif.get_ifd(ExifTags.IFD.Exif)
        place = exif.get_ifd(ExifTags.IFD.GPSInfo)
    except UNREADABLE:
        return Capture()
    taken_at = _time(details.get(ExifTags.Base.DateTimeOriginal), details.get(ExifTags.Base.OffsetTimeOriginal))
    camera = _camera(exif.get(ExifTags.Base.Make), exif.get(ExifTags.Base.Model))
    return Capture(taken_at, camera, _location(place))


def orientation(image: Image.Image) -> int:
    """EXIF orientation, 1 to 8; unreadable EXIF means upright."""
    try:
        value = image.getexif().get(ExifTags.Base.Orientation, 1)
    except UNREADABLE:
        return 1
    return value if value in range(1, 9) else 1


def _time(local: Any, offset: Any) -> str | None:
    """`2026:11:22 14:00:00` and `+01:00` to ISO 8601."""
    try:
        time = datetime.strptime(_text(local), "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007  (cameras seldom know their zone)
    except ValueError:
        return None
    try:
        return datetime.strptime(f"{time.isoformat()}{_text(offset)}", "%Y-%m-%dT%H:%M:%S%z").isoformat()
    except ValueError:
        return time.isoformat()


def _camera(make: Any, model: Any) -> str | None:
    """Maker and model; the maker only once where the model begins with it."""
    maker, name = _text(make), _text(model)
    words = name if maker and name.lower().startswith(maker.lower()) else f"{maker} {name}"
    return words.strip()[:MAX_CAMERA] or None


def _location(gps: Mapping[int, Any]) -> Location | None:
    """To some ten centimetres."""
    latitude = _degrees(gps.get(ExifTags.GPS.GPSLatitude), gps.get(ExifTags.GPS.GPSLatitudeRef), "NS", 90)
    longitude = _degrees(gps.get(ExifTags.GPS.GPSLongitude), gps.get(ExifTags.GPS.GPSLongitudeRef), "EW", 180)
    return None if latitude is None or longitude is None else Location(latitude, longitude)


def _degrees(parts: Any, reference: Any, signs: str, most: int) -> float | None:
    """Degrees, minutes and seconds, with the letter that says which half of the globe."""
    letter = _text(reference)
    if not isinstance(parts, Iterable) or len(letter) != 1 or letter not in signs:
        return None
    try:
        degrees, minutes, seconds = (float(part) for part in parts)
    except (TypeError, ValueError, ArithmeticError):
        return None
    value = (degrees + minutes / 60 + seconds / 3600) * (1 if letter == signs[0] else -1)
    return round(value, 6) if math.isfinite(value) and abs(value) <= most else None


def _text(value: Any) -> str:
    """What is printable of a text tag."""
    return "".join(letter for letter in value if letter.isprintable()).strip() if isinstance(value, str) else ""
