"""Pictures that are known: those nobody may show, and those that somebody else uploaded first."""

from dataclasses import dataclass

from PIL import Image

from functions.media import bands, pdq
from functions.media.model import Copy


@dataclass(frozen=True)
class Finding:
    """What is known of a picture. `fingerprint`: its hash in hexadecimal, None if it has too little structure for one.

    `copy_of`: the first picture like it, if that is another account's.
    """

    fingerprint: str | None = None
    blocked: bool = False
    copy_of: Copy | None = None


def check(picture: Image.Image, media_id: str, user_id: str) -> Finding:
    """Look a picture up; some 300 pixels wide are enough."""
    known = pdq.compute(picture)
    if known.quality < pdq.GOOD_QUALITY:
        return Finding()
    fingerprint = f"{known.value:064x}"
    if bands.is_blocked(fingerprint):
        return Finding(fingerprint, blocked=True)
    return Finding(fingerprint, copy_of=_first(fingerprint, media_id, user_id))


def record(fingerprint: str, media_id: str, user_id: str) -> None:
    """Remember whose picture this is. Repeatable."""
    bands.record(fingerprint, media_id, user_id)


def _first(fingerprint: str, media_id: str, user_id: str) -> Copy | None:
    """Whoever has the first one may upload it again, also after others have copied it."""
    first = next(iter(bands.owners(fingerprint)), None)
    if first is None or first.user_id == user_id or first.media_id >= media_id:
        return None
    return Copy(first.media_id, first.user_id, first.distance)
