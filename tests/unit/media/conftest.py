import os
from pathlib import Path

# Tables take their names from it when the models are imported.
os.environ.setdefault("NAMESPACE", "heliograph")

import pytest

DATA = Path(__file__).parents[2] / "data"


@pytest.fixture
def portrait() -> Path:
    """A photo stored on its side (EXIF orientation 6) with a GPS position; upright it has 699x900 pixels."""
    return DATA / "portrait-gps.jpg"


@pytest.fixture
def landscape() -> Path:
    """A photo of 1200x800 pixels without metadata."""
    return DATA / "sunset.jpg"
