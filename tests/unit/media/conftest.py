from pathlib import Path

import pybreaker
import pytest

from functions.media import (
    appraisal,
    fingerprints,
    moderation,
    processing,
    rehearsal,
    rendering,
    service,
    uploading,
)  # fmt: skip
from heliograph import aws
from tests.unit.media.fakes import FakeBands, FakeS3, FakeStore

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
def table(monkeypatch: pytest.MonkeyPatch, known: FakeBands, model: dict[str, float]) -> FakeStore:
    fake = FakeStore()
    # A process of its own for each retry would be most of the time that these tests take.
    monkeypatch.setattr(rehearsal, "survives", lambda _path: True)
    for user in (appraisal, processing, rendering, service, uploading):
        monkeypatch.setattr(user, "store", fake)
    return fake


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> FakeBands:
    """The pictures that are known."""
    fake = FakeBands()
    for room in (appraisal, fingerprints, service):
        monkeypatch.setattr(room, "bands", fake)
    return fake


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """The labels that the model sees in every picture; none, unless a test adds some."""
    labels: dict[str, float] = {}
    monkeypatch.setattr(moderation, "_model", lambda _jpeg: dict(labels))
    monkeypatch.setattr(moderation, "breaker", pybreaker.CircuitBreaker(fail_max=5))
    return labels
