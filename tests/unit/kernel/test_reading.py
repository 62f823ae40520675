"""The read pipeline refills thinned pages, loses nothing, repeats nothing, and stops."""

from hypothesis import given
from hypothesis import strategies as st

from heliograph import tables
from heliograph.reading import REFILLS, Pipeline
from heliograph.tables import Slice


def pipeline(keys: list[int], *, hidden: set[int]) -> Pipeline[int, int, str]:
    def skeleton(after: int | None, count: int) -> Slice[int]:
        return tables.cut((key for key in keys if after is None or key > after), count, lambda key: key)

    return Pipeline(
        skeleton,
        lambda found: found,
        lambda found: [key for key in found if key not in hidden],
        lambda found: [str(key) for key in found],
    )


def test_a_thinned_page_is_refilled() -> None:
    page = pipeline(list(range(10)), hidden={0, 2, 3}).page(None, 4)
    assert page == Slice(["1", "4", "5", "6"], 6)


def test_work_is_bounded_when_nearly_everything_is_hidden() -> None:
    page = pipeline(list(range(1000)), hidden=set(range(999))).page(None, 5)
    assert page.items == []
    assert page.next == 5 * (1 + REFILLS) - 1


@given(st.sets(st.integers(0, 60)), st.sets(st.integers(0, 60)), st.integers(1, 9))
def test_following_the_pages_gives_everything_visible_once_and_in_order(
    keys: set[int], hidden: set[int], limit: int
) -> None:
    read = pipeline(sorted(keys), hidden=hidden)
    seen: list[str] = []
    position = None
    while True:
        page = read.page(position, limit)
        assert len(page.items) <= limit
        seen += page.items
        position = page.next
        if position is None:
            break
    assert seen == [str(key) for key in sorted(keys - hidden)]
