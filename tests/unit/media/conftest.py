from pathlib import Path

import pytest

from functions.media import processing, rendering, service
from heliograph import aws
from tests.unit.media.fakes import FakeS3, FakeStore

DATA = Path(__file__).parents[2] / "data"


@pytest.fixture
def portrait() -> Path:
    """A photo stored on its side (EXIF orientation 6) with a GPS position; upright it has 699x900 pixels."""
    return DATA / "portrait-gps.jpg"


@pytest.fixture
def landscape() -> Path:
    """A photo of 1200x800 pixels without metadata."""
    return DATA / "sunset.jpg"


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> FakeS3:
    fake = FakeS3()
    monkeypatch.setattr(aws, "client", lambda *_, **__: fake)
    return fake


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> FakeStore:
    fake = FakeStore()
    for user in (processing, rendering, service):
        monkeypatch.setattr(user, "store", fake)
    return fake
