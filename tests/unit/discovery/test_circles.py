"""Whom people follow and block is read once in a while, and never more of it than a search can be told."""

from datetime import timedelta

import pytest

from functions.discovery import circles
from functions.discovery.queries import Circle
from functions.graph import service as graph
from heliograph import clock
from heliograph.tables import Slice
from tests.unit.feed.samples import BEN, NOON


@pytest.fixture
def read(monkeypatch):
    """What was read of the graph, of which Ben's followees have no end."""
    read: list[str] = []
    circles.forget()

    def followees(viewer_id, _after, limit):
        read.append("followees")
        return Slice([f"user-{number}" for number in range(limit)], f"user-{limit}")

    def blocks_with(viewer_id):
        read.append("blocks")
        return {"zoe", "ada"}

    monkeypatch.setattr(graph, "followees", followees)
    monkeypatch.setattr(graph, "blocks_with", blocks_with)
    yield read
    circles.forget()


def test_a_circle_is_bounded(read):
    assert circles.of(BEN) == Circle(tuple(f"user-{number}" for number in range(1000)), ("ada", "zoe"))


def test_followees_are_read_once_a_minute_and_blocks_every_few_seconds(read, monkeypatch):
    for seconds in (0, 1, 6, 7, 59, 61):
        monkeypatch.setattr(clock, "now", lambda seconds=seconds: NOON + timedelta(seconds=seconds))
        circles.of(BEN)
    assert (read.count("followees"), read.count("blocks")) == (2, 3)
