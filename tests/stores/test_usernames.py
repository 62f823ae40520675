"""Usernames by their beginning, on the real engine."""

import pytest

from functions.discovery import usernames
from functions.discovery.usernames import UsernameItem
from heliograph import ids


@pytest.fixture
def letters() -> str:
    """A beginning that nobody else's username has."""
    return f"z{ids.new_id().replace('-', '')[-12:]}"


def found(typed: str) -> list[str]:
    return [username for username, _ in usernames.beginning_with(typed, None, 50).items]


def test_usernames_are_read_by_their_beginning_page_by_page(letters: str) -> None:
    # given names before, within and after the beginning
    names = [letters, f"{letters}.a", f"{letters}.a.b", f"{letters}.ab", f"{letters}_", f"{letters}z"]
    users = {name: ids.new_id() for name in names}
    for name, user_id in users.items():
        usernames.keep(user_id, name)
    usernames.keep(ids.new_id(), f"{letters[:-1]}~")
    # when
    read: list[tuple[str, str]] = []
    page = usernames.beginning_with(letters, None, 2)
    while page.next is not None:
        read += page.items
        page = usernames.beginning_with(letters, page.next, 2)
    # then
    assert [*read, *page.items] == sorted(users.items())
    assert found(f"{letters}.a") == [f"{letters}.a", f"{letters}.a.b", f"{letters}.ab"]


@pytest.mark.parametrize("typed", ["", "z"])
def test_a_single_letter_finds_nobody(typed: str) -> None:
    assert usernames.beginning_with(typed, None, 10).items == []


def test_an_account_has_one_username_and_in_the_end_none(letters: str) -> None:
    # given
    anna = ids.new_id()
    usernames.keep(anna, f"{letters}.old")
    # when it changes, and the news comes twice
    for _ in range(2):
        usernames.keep(anna, f"{letters}.new")
    # then
    assert found(letters) == [f"{letters}.new"]
    # and when the account goes, as often
    for _ in range(2):
        usernames.keep(anna, None)
    assert found(letters) == []


def test_late_news_of_one_account_take_no_name_from_another(letters: str) -> None:
    # given a name that went from one to the other
    anna, ben = ids.new_id(), ids.new_id()
    usernames.keep(anna, letters)
    usernames.keep(ben, letters)
    # when
    usernames.keep(anna, None)
    # then
    assert usernames.beginning_with(letters, None, 10).items == [(letters, ben)]


def test_name_is_not_taken_by_an_index_that_is_behind(letters: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # given a name that went from one to the other, and an index that has not heard of it yet
    anna, ben = ids.new_id(), ids.new_id()
    usernames.keep(anna, letters)
    behind = list(UsernameItem.by_user.query(anna))
    usernames.keep(ben, letters)
    monkeypatch.setattr(UsernameItem.by_user, "query", lambda _user_id: behind)
    # when
    usernames.keep(anna, None)
    # then
    assert usernames.beginning_with(letters, None, 10).items == [(letters, ben)]
