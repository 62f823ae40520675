"""A list that is put in order once is read to its end, whatever happens meanwhile."""

from functions.discovery.remainder import MOST, Ordered, Remainder
from heliograph import cursors
from tests.unit.feed.samples import post_id

IDS = [post_id(number) for number in range(MOST)]


def pages(*orders: Ordered, count: int) -> list[tuple[list[str], bool]]:
    """All pages, each read by an instance of its own that would put the list in another order by now."""
    waiting = list(orders)
    found: list[tuple[list[str], bool]] = []
    cursor: str | None = None
    while not found or cursor:
        part = Remainder(lambda: waiting.pop(0))
        page = part.ids(cursors.open_("list", "ben", cursor), count)
        cursor = cursors.seal("list", "ben", page.next)
        found.append((page.items, part.degraded))
    return found


def test_every_id_comes_once_in_the_first_order():
    read = pages(Ordered(IDS), Ordered(IDS[::-1]), count=25)
    assert [len(page) for page, _ in read] == [25, 25, 10]
    assert [one for page, _ in read for one in page] == IDS


def test_a_list_that_was_made_without_the_index_says_so_on_every_page():
    assert pages(Ordered(IDS[:4], degraded=True), Ordered(IDS), count=2) == [(IDS[:2], True), (IDS[2:4], True)]


def test_an_empty_list_has_one_empty_page():
    assert pages(Ordered([]), count=2) == [([], False)]


def test_the_longest_list_fits_into_a_cursor():
    cursor = cursors.seal("list", "ben", Remainder(lambda: Ordered(IDS)).ids(None, 1).next)
    assert cursor is not None
    assert len(cursor) <= cursors.MAX_LENGTH
