"""How edits and filters appear in requests and answers. Media themselves: see `presentation`."""

from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema

from functions.media import service
from functions.media.service import Aspect, Crop, Edits, Focus
from heliograph.http import Body, View

Part = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Percent = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]
Signed = Annotated[float, Field(ge=-100, le=100, allow_inf_nan=False)]
Angle = Annotated[float, Field(ge=-45, le=45, allow_inf_nan=False)]


def _a_filter(name: str) -> str:
    if name not in service.FILTERS:
        raise ValueError("no such filter")
    return name


def _a_quarter(degrees: int) -> int:
    if degrees % 90:
        raise ValueError("a multiple of 90")
    return degrees


FilterName = Annotated[
    str, AfterValidator(_a_filter), WithJsonSchema({"type": "string", "enum": sorted(service.FILTERS)})
]
Quarter = Annotated[
    int, Field(ge=0, le=270), AfterValidator(_a_quarter), WithJsonSchema({"type": "integer", "enum": [0, 90, 180, 270]})
]


class FocusInput(Body):
    x: Part = 0.5
    y: Part = 0.5


class CropInput(Body):
    aspect: Aspect = "original"
    focus: FocusInput = FocusInput()

    def crop(self) -> Crop:
        return Crop(self.aspect, Focus(self.focus.x, self.focus.y))


class EditsInput(Body):
    """Everything that is done to a photo; what is absent is not done. What each does: docs/edits.md."""

    filter: FilterName | None = None
    strength: Percent = 100
    crop: CropInput | None = None
    rotate: Quarter = 0
    straighten: Angle = 0
    brightness: Signed = 0
    contrast: Signed = 0
    saturation: Signed = 0
    warmth: Signed = 0
    highlights: Signed = 0
    shadows: Signed = 0
    vignette: Percent = 0
    sharpen: Percent = 0

    def edits(self) -> Edits:
        return Edits(**{**dict(self), "crop": self.crop and self.crop.crop()})


class FilterView(View):
    """`lut_url`: where its LUT is, from the API's own address."""

    name: str
    title: str
    lut_url: str


class FiltersView(View):
    items: list[FilterView]
