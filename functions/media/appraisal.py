"""What a picture is taken for, before anybody sees it: known and blocked, known as another's, harmless or not."""

from pathlib import Path

from PIL import Image

from functions.media import bands, fingerprints, moderation
from functions.media.model import Appraisal
from functions.media.renditions import File


def appraise(media_id: str, user_id: str, files: tuple[File, ...]) -> Appraisal:
    """The appraisal of a picture by its renditions. Raises ModerationUnavailable.

    A picture that the model blocks is blocked for good; one that only looks like such a one does not widen the circle.
    """
    jpegs = {file.name: file for file in files if file.content_type == "image/jpeg"}
    with Image.open(jpegs["w320"].path, formats=("JPEG",)) as picture:
        finding = fingerprints.check(picture, media_id, user_id)
    if finding.blocked:
        return Appraisal("block", {}, finding.fingerprint)
    judgement = moderation.judge(_sample(jpegs).read_bytes())
    if judgement.verdict == "block" and finding.fingerprint:
        bands.block(finding.fingerprint)
    return Appraisal(judgement.verdict, judgement.labels, finding.fingerprint, finding.copy_of)


def _sample(jpegs: dict[str, File]) -> Path:
    """The smallest whole picture that a model accepts; of a tiny or very narrow one its middle."""
    names = ("w320", "w640", "w1080")
    fit = (jpegs[name] for name in names if min(jpegs[name].width, jpegs[name].height) >= moderation.LEAST_SIDE)
    return next(fit, jpegs["thumb"]).path
