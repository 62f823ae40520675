"""Cursors open only for the list and the viewer they were made for."""

import base64
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph import cursors
from heliograph.errors import Malformed

POSITION = ["shard-3", 42, None]


def sealed() -> str:
    cursor = cursors.seal("feed", "ada", POSITION)
    assert cursor is not None
    return cursor


def test_a_cursor_gives_back_its_position() -> None:
    assert cursors.open_("feed", "ada", sealed()) == POSITION


def test_a_cursor_does_not_tell_its_position() -> None:
    # given: the id of something that the viewer may not see
    cursor = cursors.seal("feed", "ada", "0199-hidden-post")
    assert cursor is not None
    # then
    assert b"hidden" not in base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))


def test_the_end_of_a_list_has_no_cursor_and_no_cursor_is_the_start() -> None:
    assert cursors.seal("feed", "ada", None) is None
    assert cursors.open_("feed", "ada", None) is None


@pytest.mark.parametrize(("listing", "viewer"), [("followers", "ada"), ("feed", "bob"), ("feed#ada", "")])
def test_a_foreign_cursor_is_malformed(listing: str, viewer: str) -> None:
    with pytest.raises(Malformed):
        cursors.open_(listing, viewer, sealed())


@given(st.text(max_size=80))
def test_garbage_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        cursors.open_("feed", "ada", text)


@pytest.mark.parametrize("position", ["a", "ab", "abc"])
def test_a_changed_last_character_is_malformed(position: str) -> None:
    # given: cursors whose last letters have no, two and four bits to spare
    cursor = cursors.seal("feed", "ada", position)
    assert cursor is not None
    for letter in set(string.ascii_letters + string.digits + "-_") - {cursor[-1]}:
        with pytest.raises(Malformed):
            cursors.open_("feed", "ada", cursor[:-1] + letter)


@given(st.data())
def test_a_changed_character_is_malformed(data: st.DataObject) -> None:
    cursor = sealed()
    place = data.draw(st.integers(0, len(cursor) - 1))
    letter = data.draw(st.sampled_from("abcXYZ019-_").filter(lambda drawn: drawn != cursor[place]))
    with pytest.raises(Malformed):
        cursors.open_("feed", "ada", cursor[:place] + letter + cursor[place + 1 :])


def test_an_endless_cursor_is_malformed() -> None:
    with pytest.raises(Malformed):
        cursors.open_("feed", "ada", "A" * 3000)
