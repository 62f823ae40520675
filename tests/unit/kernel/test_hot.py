"""Values that many want at the same time."""

from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Event

import pytest

from heliograph.hot import HotCache


class Source:
    def __init__(self) -> None:
        self.values = {"a": 1, "b": 2}
        self.asked: list[list[str]] = []

    def load(self, ids: list[str]) -> dict[str, int]:
        self.asked.append(ids)
        return {one: self.values[one] for one in ids if one in self.values}


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def now() -> list[float]:
    return [0.0]


def test_value_or_its_absence_is_read_once_during_its_lifetime(source, now):
    cache = HotCache[int](source.load, seconds=2, size=10, timer=lambda: now[0])
    assert cache.get(["a", "c", "a"]) == {"a": 1}
    assert cache.get(["c", "b", "a"]) == {"a": 1, "b": 2}
    assert source.asked == [["a", "c"], ["b"]]
    # when it has lived
    source.values["a"], now[0] = 5, 2.1
    assert cache.get(["a"]) == {"a": 5}


def test_uncached_value_is_read_each_time(source, now):
    cache = HotCache[int](source.load, seconds=2, size=10, kept=lambda value: value == 2, timer=lambda: now[0])
    for _ in range(2):
        assert cache.get(["a", "b"]) == {"a": 1, "b": 2}
    assert source.asked == [["a", "b"], ["a"]]


def test_concurrent_requests_share_one_read(source, now):
    began, go_on = Event(), Event()

    def slowly(ids: list[str]) -> dict[str, int]:
        began.set()
        go_on.wait(5)
        return source.load(ids)

    cache = HotCache[int](slowly, seconds=2, size=10, timer=lambda: now[0])
    with ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(cache.get, ["a"]) for _ in range(4)]
        began.wait(5)
        go_on.set()
        assert [answer.result() for answer in answers] == [{"a": 1}] * 4
    assert source.asked == [["a"]]


def test_failed_read_is_not_cached(source, now):
    def failing(ids: list[str]) -> dict[str, int]:
        raise ConnectionError

    cache = HotCache[int](failing, seconds=2, size=10, timer=lambda: now[0])
    for _ in range(2):
        with pytest.raises(ConnectionError):
            cache.get(["a"])


@pytest.mark.parametrize("seconds", range(2, 8))
def test_a_value_that_expires_while_it_is_looked_up_is_read_again(source, seconds):
    ticks = count()
    cache = HotCache[int](source.load, seconds=seconds, size=10, timer=lambda: next(ticks))
    assert [cache.get(["a"]) for _ in range(20)] == [{"a": 1}] * 20
