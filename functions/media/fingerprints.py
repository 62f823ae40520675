"""Pictures that are known: those nobody may show, and those that somebody else uploaded first."""

from dataclasses import dataclass

from PIL import Image

from functions.media import bands, pdq


@dataclass(frozen=True)
class Finding:
    """What is known of a picture. `fingerprint`: its hash in hexadecimal, None if it has too little structure for one.

    `is_copy`: the first picture like it is another account's.
    """

    fingerprint: str | None = None
    blocked: bool = False
    is_copy: bool = False


def check(picture: Image.Image, media_id: str, user_id: str) -> Finding:
    """Look a picture up; some 300 pixels wide are enough."""
    known = pdq.compute(picture)
    if known.quality < pdq.GOOD_QUALITY:
        return Finding()
    fingerprint = f"{known.value:064x}"
    if bands.is_blocked(fingerprint):
        return Finding(fingerprint, blocked=True)
    return Finding(fingerprint, is_copy=first(fingerprint, media_id, user_id) is not None)


def record(fingerprint: str, media_id: str, user_id: str) -> None:
    """Remember whose picture this is. Repeatable."""
    bands.record(fingerprint, media_id, user_id)


def first(fingerprint: str, media_id: str, user_id: str) -> bands.Owner | None:
    """Of whose picture this is a copy. Whoever had it first may upload it again, also after others have copied it."""
    found = next(iter(bands.owners(fingerprint)), None)
    return found if found and found.user_id != user_id and found.media_id < media_id else None
