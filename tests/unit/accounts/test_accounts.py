"""Accounts without a cloud: passwords, refresh tokens' form, validation, what a change says to others."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from functions.accounts import api, identity, passwords, service, sessions, store
from functions.accounts.service import UserItem
from heliograph.errors import Conflict, Unauthenticated
from heliograph.events import UserChanged, UserDeleted
from heliograph.outbox import Change, change_of
from tests.unit.requests import answer, request
from tests.unit.samples import sample

GOOD = {"username": "Ada.L", "email": "ada@example.org", "password": "correct horse", "fullName": " Ada "}


def user(**changes: Any) -> UserItem:
    created = datetime(2026, 1, 1, tzinfo=UTC)
    values: Any = {"username": "ada", "email": "a@b.c", "password_hash": "h", "created_at": created}
    return UserItem("u1", **(values | {"last_active": created} | changes))


def test_a_password_matches_its_own_hash_only() -> None:
    stored = passwords.hashed("correct horse")
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.matches(stored, "correct horse")
    assert not passwords.matches(stored, "correct house")
    assert not passwords.outdated(stored)


def test_no_password_opens_an_account_that_does_not_exist() -> None:
    assert not passwords.matches(None, "nobody has this password")


def test_a_hash_of_weaker_parameters_is_outdated() -> None:
    assert passwords.outdated("$argon2id$v=19$m=8192,t=1,p=1$c29tZXNhbHRzb21l$" + "A" * 43)


@pytest.mark.parametrize("token", ["", "a", "a.b", "a.b.c.d", "a..c", "a.b.c d", "a.b.\u00e9"])
def test_a_refresh_token_of_another_form_is_refused_before_any_read(token: str) -> None:
    with pytest.raises(Unauthenticated):
        sessions.refresh(token)


def test_sign_up_normalises_names(monkeypatch: pytest.MonkeyPatch, now: datetime, context: Any) -> None:
    created: list[store.NewUser] = []
    monkeypatch.setattr(store, "create_user", created.append)
    monkeypatch.setattr(store, "put_credential", lambda _item: None)
    mails: list[tuple[str, str]] = []
    monkeypatch.setattr("functions.accounts.mail.send_code", lambda to, why, _code, minutes: mails.append((to, why)))
    status, body = answer(
        api.handler(request("POST", "/v1/auth/sign-up", GOOD | {"email": "Ada@Example.org"}), context)
    )
    assert (status, body["username"]) == (201, "ada.l")
    (made,) = created
    assert (made.user_id, made.username, made.email, made.full_name) == (
        body["userId"],
        "ada.l",
        "ada@example.org",
        "Ada",
    )
    assert mails == [("ada@example.org", "confirm")]
    assert GOOD["password"] not in str(made)


@pytest.mark.parametrize(
    "wrong",
    [
        {"username": "ab"},
        {"username": "a" * 31},
        {"username": "ada lovelace"},
        {"username": "ad\u0430"},
        {"email": "nobody"},
        {"email": "a b@c.de"},
        {"password": "short"},
        {"password": "x" * 129},
        {"fullName": "x" * 81},
        {"isVerified": True},
    ],
)
def test_sign_up_refuses(wrong: dict[str, Any], context: Any) -> None:
    status, body = answer(api.handler(request("POST", "/v1/auth/sign-up", GOOD | wrong), context))
    assert status == 422
    assert [error["field"] for error in body["errors"]] == list(wrong)


@pytest.mark.parametrize(("field", "words"), [("username", "username"), ("email", "e-mail")])
def test_a_taken_name_is_a_conflict(monkeypatch: pytest.MonkeyPatch, now: datetime, field: str, words: str) -> None:
    def taken(_user: store.NewUser) -> None:
        raise store.NameTaken(field)

    monkeypatch.setattr(store, "create_user", taken)
    with pytest.raises(Conflict, match=words):
        identity.sign_up("ada", "a@b.c", "correct horse", "")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (None, user(), [UserChanged(user_id="u1")]),
        (user(), user(full_name="Ada"), [UserChanged(user_id="u1")]),
        (user(), user(is_private=True), [UserChanged(user_id="u1")]),
        (user(), user(follower_count=3, password_hash="other", email="x@y.z", version=9), []),
        (user(), None, [UserDeleted(user_id="u1", version=2)]),
    ],
)
def test_only_what_others_can_see_is_announced(old: UserItem | None, new: UserItem | None, said: list[Any]) -> None:
    assert list(service.announced(Change(old, new))) == said


@pytest.mark.parametrize("address", ["javascript:alert(1)", "ftp://x.org", "x" * 201, "not a url"])
def test_a_website_is_a_web_address(address: str) -> None:
    with pytest.raises(ValidationError):
        api.ProfileEdit.model_validate({"websiteUrl": address})


def test_real_stream_records_are_understood() -> None:
    records = sample("dynamodb_users")["Records"]
    said = [list(service.announced(change_of(UserItem, record))) for record in records]
    assert [len(events) for events in said] == [1, 0, 1], "a new account and a new bio are news, a count is not"


def test_a_real_request_is_answered(monkeypatch: pytest.MonkeyPatch, context: Any) -> None:
    monkeypatch.setattr(store, "owner_of", lambda _identity: None)
    status, body = answer(api.handler(sample("api_sign_in"), context))
    assert (status, body["detail"]) == (401, "The login or the password is wrong")
