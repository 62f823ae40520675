"""Stored and pulled entries as one feed."""

from datetime import timedelta
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.feed import candidates, readers, rebuilding, store, timelines
from functions.feed.candidates import PULLED
from functions.feed.model import Entry
from functions.feed.readers import ACTIVE_FOR, Reader
from functions.feed.timelines import Timeline
from functions.feed.windows import Reads
from heliograph import clock
from tests.unit.feed.samples import ANNA, BEN, NOON, post_id

numbers = st.sets(st.integers(0, 40))


def entry(number: int, score: float = 1.0) -> Entry:
    return Entry(BEN, post_id(number), ANNA, NOON, score)


def merged(stored: set[int], pulled: set[int]) -> Reads:
    entries = [entry(number) for number in sorted(stored, reverse=True)]

    def newest(_user_id, before, limit):
        return [item for item in entries if before is None or item.post_id < before][:limit]

    def between(_user_id, newest_id, oldest):
        return [item for item in entries if (oldest or "") <= item.post_id <= newest_id]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "newest", newest)
        patch.setattr(store, "between", between)
        reads = candidates.merged(Reader(BEN, NOON), [entry(number, 0.5) for number in pulled])
        # bound while the patch holds
        pages = {(before, limit): reads.newest(before, limit) for before in BEFORE for limit in (1, 7, 99)}
        stretches = {bounds: reads.between(*bounds) for bounds in BOUNDS}
    return Reads(lambda before, limit: pages[before, limit], lambda new, old: stretches[new, old])


BEFORE = [None, *(post_id(number) for number in (0, 13, 40))]
BOUNDS = [(post_id(30), post_id(10)), (post_id(40), None), (post_id(20), post_id(20))]


@given(numbers, numbers)
def test_each_post_comes_once_in_order_and_as_it_is_stored(stored, pulled):
    reads = merged(stored, pulled)
    both = sorted(stored | pulled, reverse=True)
    expected = [entry(number, 1.0 if number in stored else 0.5) for number in both]
    for before in BEFORE:
        older = [item for item in expected if before is None or item.post_id < before]
        for limit in (1, 7, 99):
            assert reads.newest(before, limit) == older[:limit]
    for new, old in BOUNDS:
        assert reads.between(new, old) == [item for item in expected if (old or "") <= item.post_id <= new]


@pytest.fixture
def visits(monkeypatch) -> list[str]:
    """Who was noted, and whose feed was made anew."""
    found: list[str] = []
    monkeypatch.setattr(readers, "note", lambda user_id, _now: found.append(f"noted {user_id}"))
    rebuilt = rebuilding.Rebuilt(Reader(BEN, NOON), [entry(1)])
    monkeypatch.setattr(rebuilding, "rebuild", lambda user_id: found.append(f"rebuilt {user_id}") or rebuilt)
    monkeypatch.setattr(store, "newest", lambda *_: [])
    candidates.seen.clear()
    return found


@pytest.mark.parametrize(
    ("reader", "visit", "expected"),
    [
        (None, True, ["rebuilt"]),
        (Reader(BEN, clock.now(), is_filled=False), True, ["rebuilt"]),
        (Reader(BEN, NOON - timedelta(days=400), is_filled=True), False, ["rebuilt"]),
        (Reader(BEN, NOON - timedelta(hours=3), is_filled=True), True, []),
        (Reader(BEN, NOON - timedelta(hours=25), is_filled=True), True, ["noted"]),
        (Reader(BEN, NOON - timedelta(hours=25), is_filled=True), False, []),
    ],
    ids=["new", "broken off", "away", "today", "yesterday", "further down"],
)
def test_visit_is_recorded_and_a_return_rebuilds_the_feed(visits, monkeypatch, reader, visit, expected):
    monkeypatch.setattr(clock, "now", lambda: NOON)
    monkeypatch.setattr(readers, "find", lambda _: reader)
    reads = candidates.reads(BEN, 0, pull=True, visit=visit)
    assert visits == [f"{what} {BEN}" for what in expected]
    assert reads.newest(None, 9) == ([entry(1)] if expected == ["rebuilt"] else [])


def test_a_timeline_is_read_once_for_all_who_pull_it(visits, monkeypatch):
    # given two readers of the same author
    asked: list[list[str]] = []

    def find_all(author_ids):
        asked.append([*author_ids])
        return {ANNA: Timeline(ANNA, (post_id(2),), is_large=True)}

    monkeypatch.setattr(timelines, "find_all", find_all)
    monkeypatch.setattr(readers, "find", lambda user_id: Reader(user_id, clock.now(), (ANNA,), is_filled=True))
    # when
    found = [candidates.reads(reader, 0, pull=True, visit=True).newest(None, 9) for reader in (BEN, "carl")]
    # then
    assert [item.post_id for item in chain.from_iterable(found)] == [post_id(2)] * 2
    assert asked == [[ANNA]]
    # and none is, where pulling is switched off
    candidates.seen.clear()
    assert candidates.reads(BEN, 0, pull=False, visit=True).newest(None, 9) == []
    assert asked == [[ANNA]]


def test_large_authors_are_read_in_turns():
    authors = [f"author{number}" for number in range(5 * PULLED)]
    turns = [candidates.of_turn(authors, turn) for turn in range(100)]
    assert {len({*chosen}) for chosen in turns} == {PULLED}
    assert {author for chosen in turns[:40] for author in chosen} == {*authors}
    assert candidates.of_turn(reversed(authors), 7) == turns[7]
    assert sorted(candidates.of_turn(authors[:PULLED], 7)) == sorted(authors[:PULLED])


def test_viewer_is_active_for_thirty_days_after_a_visit():
    assert Reader(BEN, NOON).is_active(NOON + ACTIVE_FOR - timedelta(seconds=1))
    assert not Reader(BEN, NOON).is_active(NOON + ACTIVE_FOR)
