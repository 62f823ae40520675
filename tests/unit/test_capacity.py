"""The meter's rules against the documented ones. That the engine agrees is shown in tests/stores."""

from typing import Any

import pytest

from tests import capacity
from tests.capacity import CONSISTENT, EVENTUAL, TRANSACTIONAL

KB = 1024
KEYS = ("owner", "id")


def item(size: int) -> dict[str, Any]:
    """An item of exactly so many bytes."""
    return {"a": {"S": "x" * (size - 1)}}


def entry(owner: str, size: int = 100) -> dict[str, Any]:
    """An item of about so many bytes, with the keys of an index."""
    return {"owner": {"S": owner}, "id": {"S": "1"}, "text": {"S": "x" * size}}


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({"S": ""}, 0),
        ({"S": "abc"}, 3),
        ({"S": "é€"}, 5),
        ({"B": b"abcd"}, 4),
        ({"BOOL": False}, 1),
        ({"NULL": True}, 1),
        ({"L": []}, 3),
        ({"M": {}}, 3),
        ({"L": [{"S": "a"}, {"N": "1"}]}, 3 + (1 + 1) + (1 + 2)),
        ({"M": {"k": {"S": "a"}, "kk": {"N": "12"}}}, 3 + (1 + 1 + 1) + (1 + 2 + 2)),
        ({"L": [{"M": {}}]}, 3 + 1 + 3),
        ({"SS": ["a", "é"]}, 3),
        ({"NS": ["1", "123"]}, 5),
        ({"BS": [b"a", b"bc"]}, 3),
    ],
)
def test_a_value_has_the_documented_size(value: dict[str, Any], size: int) -> None:
    assert capacity.value_size(value) == size


@pytest.mark.parametrize(
    ("number", "size"),
    [
        ("0", 1),
        ("7", 2),
        ("12", 2),
        ("123", 3),
        ("100", 2),
        ("1E+10", 2),
        ("120", 3),
        ("0.5", 2),
        ("0.001", 2),
        ("1.5", 3),
        ("12.345", 4),
        ("-1", 3),
        ("-122.3321", 6),
        ("9" * 38, 20),
    ],
)
def test_a_number_takes_a_byte_per_two_significant_digits_and_one_more(number: str, size: int) -> None:
    assert capacity.value_size({"N": number}) == size


def test_an_item_is_its_names_and_its_values() -> None:
    # given a name of two bytes per letter
    stored = {"naïve": {"S": "abc"}, "n": {"N": "12"}}
    # then names count in UTF-8, like values
    assert capacity.item_size(stored) == (6 + 3) + (1 + 2)


@pytest.mark.parametrize(
    ("size", "factor", "units"),
    [
        (0, EVENTUAL, 0.5),
        (0, CONSISTENT, 1),
        (1, TRANSACTIONAL, 2),
        (4 * KB, CONSISTENT, 1),
        (4 * KB + 1, CONSISTENT, 2),
        (4 * KB + 1, EVENTUAL, 1),
        (8 * KB, EVENTUAL, 1),
        (8 * KB, TRANSACTIONAL, 4),
    ],
)
def test_reads_are_charged_by_four_kilobytes(size: int, factor: float, units: float) -> None:
    assert capacity.read_units(size, factor) == units


@pytest.mark.parametrize(
    ("before", "after", "units"),
    [
        (None, None, 1),
        (None, item(KB), 1),
        (None, item(KB + 1), 2),
        (item(3 * KB), item(10), 3),
        (item(10), item(3 * KB), 3),
        (item(3 * KB), None, 3),
    ],
    ids=["nothing there", "exactly 1 KB", "just above", "shrunk", "grown", "deleted"],
)
def test_writes_are_charged_for_the_larger_image_by_kilobytes(before: Any, after: Any, units: int) -> None:
    assert capacity.write_units(before, after) == units


@pytest.mark.parametrize(
    ("before", "after", "units"),
    [
        (None, None, 0),
        (None, entry("ada"), 1),
        (entry("ada"), entry("ada"), 0),
        (entry("ada"), entry("ada", 2 * KB), 3),
        (entry("ada", 2 * KB), entry("ada"), 3),
        (entry("ada"), entry("ben", 2 * KB), 1 + 3),
        (entry("ada", 2 * KB), None, 3),
    ],
    ids=["not indexed", "entered", "unchanged", "grown", "shrunk", "moved", "left"],
)
def test_an_index_is_charged_for_what_changes_in_it(before: Any, after: Any, units: int) -> None:
    assert capacity.index_units(before, after, KEYS) == units
