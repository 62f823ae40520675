"""What a picture is taken for, before anybody sees it: known and blocked, known as another's, harmless or not."""

from io import BytesIO

from PIL import Image, ImageOps

from functions.media import bands, fingerprints, moderation, store
from functions.media.model import Appraisal, Media

QUALITY = 85


def appraise(media_id: str, user_id: str, picture: Image.Image) -> Appraisal:
    """The appraisal of a picture: RGB, upright, some 320 pixels wide. Raises ModerationUnavailable.

    A picture that the model blocks is blocked for good; one that only looks like such a one does not widen the circle.
    """
    finding = fingerprints.check(picture, media_id, user_id)
    if finding.blocked:
        return Appraisal("block", {}, finding.fingerprint)
    judgement = moderation.judge(_sample(picture))
    if judgement.verdict == "block" and finding.fingerprint:
        bands.block(finding.fingerprint)
    return Appraisal(judgement.verdict, judgement.labels, finding.fingerprint, finding.is_copy)


def keep(media: Media, found: Appraisal) -> bool:
    """Record what was found out, and whose picture it is if it may be shown.

    False if that is decided already, or the item was erased.
    """
    if not store.appraise(media.media_id, found):
        return False
    if found.fingerprint and found.verdict != "block":
        fingerprints.record(found.fingerprint, media.media_id, media.user_id)
    return True


def _sample(picture: Image.Image) -> bytes:
    """The picture as JPEG; of a tiny or very narrow one with a margin, because models ask for a least size."""
    if min(picture.size) < moderation.LEAST_SIDE:
        width, height = (max(side, moderation.LEAST_SIDE) for side in picture.size)
        picture = ImageOps.pad(picture, (width, height), color="white")
    jpeg = BytesIO()
    picture.save(jpeg, "JPEG", quality=QUALITY)
    return jpeg.getvalue()
