"""Ranked pages, over a feed that is a list."""

import json
from datetime import timedelta

import pytest

from functions.feed import windows
from functions.feed.model import Entry
from functions.feed.windows import SIZE, Reads
from heliograph import cursors, ids
from tests.unit.feed.samples import ANNA, BEN, NOON, post_id


def entry(number: int) -> Entry:
    """Older ids are older posts; affinity varies, so ranked order and id order differ."""
    return Entry(BEN, post_id(number), ANNA, NOON + timedelta(minutes=number), 0.2 + number * 7 % 10 / 12)


def ranked(entries: list[Entry]) -> list[str]:
    return [item.post_id for item in sorted(entries, key=lambda item: (item.score, item.post_id), reverse=True)]


class Feed:
    def __init__(self, numbers: range | list[int]) -> None:
        self.entries = {post_id(number): entry(number) for number in numbers}
        self.ranked = ranked

    @property
    def reads(self) -> Reads:
        return Reads(self.newest, self.between)

    def newest(self, before: str | None, limit: int) -> list[Entry]:
        return [self.entries[key] for key in sorted(self.entries, reverse=True) if not before or key < before][:limit]

    def between(self, newest: str, oldest: str | None) -> list[Entry]:
        return [item for item in self.newest(None, 10**6) if (oldest or "") <= item.post_id <= newest]

    def read_on(self, position, count):
        page = windows.page(self.reads, self.ranked, position, count)
        return page.items, json.loads(json.dumps(page.next))  # a position travels as JSON

    def read_all(self, count: int) -> list[str]:
        ids, position = self.read_on(None, count)
        while position is not None:
            more, position = self.read_on(position, count)
            ids += more
        return ids


def numbers_of(ids: list[str]) -> list[int]:
    return [int(post_id[-12:]) for post_id in ids]


@pytest.mark.parametrize("count", [1, 7, 50])
@pytest.mark.parametrize("length", [0, 1, 8, SIZE - 1, SIZE, SIZE + 1, 2 * SIZE + 30])
def test_every_entry_is_shown_once_best_first_within_each_window(length, count):
    feed = Feed(range(length))

    shown = feed.read_all(count)

    newest_first = feed.newest(None, length)
    stretches = [newest_first[start : start + SIZE] for start in range(0, length, SIZE)]
    assert shown == [best for stretch in stretches for best in ranked(stretch)]


def test_posts_that_come_or_go_between_two_pages_repeat_nothing_and_lose_nothing_else():
    # Given a first page of a feed longer than a window
    feed = Feed(range(0, 300, 2))
    first, position = feed.read_on(None, 20)

    # When new posts arrive above and inside the window, some leave, shown ones among them, and what ranks best changes
    feed.ranked = lambda entries: ranked(entries)[::-1]
    feed.entries |= {post_id(number): entry(number) for number in (301, 303, 251, 253)}
    gone = {first[3], post_id(220), post_id(222)}
    feed.entries = {key: item for key, item in feed.entries.items() if key not in gone}
    rest: list[str] = []
    while position is not None:
        more, position = feed.read_on(position, 20)
        rest += more

    # Then the pages that follow show each of the old ones that stayed, once
    shown = first + rest
    assert len(shown) == len(set(shown))
    assert {post_id(number) for number in range(0, 300, 2)} - gone <= set(shown)
    assert not {301, 303} & set(numbers_of(shown))


def test_a_page_reads_no_more_than_a_window():
    asked = []
    feed = Feed(range(500))
    reads = Reads(lambda before, limit: asked.append(limit) or feed.newest(before, limit), feed.between)
    windows.page(reads, ranked, None, 20)
    assert asked == [SIZE]


def test_a_window_is_ordered_once_and_its_order_fits_into_a_cursor():
    # given real ids
    entries = [Entry(BEN, ids.new_id(), ANNA, NOON, 1.0) for _ in range(SIZE)]
    newest = sorted(entries, key=lambda item: item.post_id, reverse=True)
    reads, orders = Reads(lambda *_: newest, lambda *_: newest), []
    # when
    shown, position = [], None
    while True:
        page = windows.page(reads, lambda found: orders.append(1) or ranked(found)[::-1], position, 1)
        shown += page.items
        # then
        cursor = cursors.seal("feed-ranked", BEN, page.next)
        if cursor is None or "before" in page.next:
            break
        assert len(cursor) <= cursors.MAX_LENGTH
        position = cursors.open_("feed-ranked", BEN, cursor)
    assert shown == ranked(newest)[::-1]
    assert orders == [1]
