"""What an owner may do to a photo. Edits are data, kept with the medium; renditions are derived, and made anew."""

from dataclasses import asdict, dataclass
from typing import Any

from functions.media.framing import Crop, Geometry
from functions.media.grading import Grade

COLOURS = ("brightness", "contrast", "saturation", "warmth", "highlights", "shadows")


@dataclass(frozen=True)
class Edits:
    """`strength`, `vignette`, `sharpen`: 0 to 100. Colours: -100 to 100. `rotate`: degrees clockwise, a multiple of 90.
    `straighten`: degrees clockwise, -45 to 45. The order in which they apply: docs/edits.md.
    """

    filter: str | None = None
    strength: float = 100
    crop: Crop | None = None
    rotate: int = 0
    straighten: float = 0
    brightness: float = 0
    contrast: float = 0
    saturation: float = 0
    warmth: float = 0
    highlights: float = 0
    shadows: float = 0
    vignette: float = 0
    sharpen: float = 0

    @property
    def grade(self) -> Grade:
        """The part that is a function of a pixel's colour alone."""
        colours = {name: getattr(self, name) / 100 for name in COLOURS}
        filter_ = self.filter if self.strength else None
        return Grade(filter_, self.strength / 100 if filter_ else 1, **colours)

    @property
    def touch_pixels(self) -> bool:
        """Whether there is more to them than geometry."""
        return bool(self.vignette or self.sharpen or self.grade != Grade())

    @property
    def geometry(self) -> Geometry:
        """The part that says which pixels are shown."""
        return Geometry(self.crop, self.rotate, self.straighten)


NONE = Edits()


def stored(edits: Edits) -> dict[str, Any] | None:
    """The form in which edits are kept and shown: only what differs from the original; None for nothing."""
    changed = {name: value for name, value in asdict(edits).items() if value != getattr(NONE, name)}
    return changed or None


def of(kept: dict[str, Any] | None) -> Edits:
    """The edits that `stored` made this of."""
    if kept is None:
        return NONE
    crop = kept.get("crop")
    return Edits(**{**kept, "crop": crop and Crop.of(crop)})
