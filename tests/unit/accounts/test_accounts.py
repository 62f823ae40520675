"""Accounts without a cloud: passwords, refresh tokens' form, validation, what a change says to others."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from functions.accounts import api, identity, passwords, service, sessions, store
from functions.accounts.service import UserItem
from heliograph import plaintext, sealed
from heliograph.errors import Conflict, Unauthenticated
from heliograph.events import (
    AuthorChanged,
    PopularityChanged,
    ProfilePictureReplaced,
    SignedUp,
    UserChanged,
    UserDeleted,
)
from heliograph.outbox import Change, change_of
from tests.held_key import HeldKey
from tests.unit.requests import answer, request
from tests.unit.samples import sample

GOOD = {"username": "Ada.L", "email": "ada@example.org", "password": "correct horse", "fullName": " Ada "}


def user(**changes: Any) -> UserItem:
    created = datetime(2026, 1, 1, tzinfo=UTC)
    values: Any = {"username": "ada", "email": b"sealed", "password_hash": "h", "created_at": created}
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


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("password1", "too common"),
        ("PassWord1", "too common"),
        ("heliograph1", "too easily guessed"),
        ("ada.lovelace", "too easily guessed"),
        ("lovelace-ada-1", "too easily guessed"),
        ("aaaaaaaaaaaa", "too easily guessed"),
        ("Lovelace@Example", "too easily guessed"),
    ],
)
def test_common_passwords_are_refused(password: str, why: str) -> None:
    with pytest.raises(plaintext.Refused, match=why):
        passwords.check(password, ["ada.lovelace", "lovelace@example.org"])


@pytest.mark.parametrize(
    "password",
    ["correct horse", "lovelace and the engine", "\u5bc6\u7801\u662f\u8fd9\u4e2a\u4e00\u53e5\u8bdd", "J7#kd0!x"],
)
def test_any_other_password_is_accepted(password: str) -> None:
    passwords.check(password, ["ada.lovelace", "lovelace@example.org"])


def test_sign_up_normalises_names(
    monkeypatch: pytest.MonkeyPatch, now: datetime, context: Any, field_key: HeldKey
) -> None:
    created: list[store.NewUser] = []
    monkeypatch.setattr(store, "create_user", created.append)
    status, body = answer(
        api.handler(request("POST", "/v1/auth/sign-up", GOOD | {"email": "Ada@Example.org"}), context)
    )
    assert (status, body["username"]) == (201, "ada.l")
    (made,) = created
    assert (made.user_id, made.username, made.full_name) == (body["userId"], "ada.l", "Ada")
    assert sealed.opened(made.user_id, made.email) == "ada@example.org"
    assert made.email_identity == identity.identity_of(" ADA@example.org")
    assert "example.org" not in str(made)
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
        {"password": "password123"},
        {"password": "\ud800 and more"},
        {"fullName": "x" * 81},
        {"isVerified": True},
    ],
)
def test_sign_up_refuses_invalid_fields(wrong: dict[str, Any], context: Any) -> None:
    status, body = answer(api.handler(request("POST", "/v1/auth/sign-up", GOOD | wrong), context))
    assert status == 422
    assert [error["field"] for error in body["errors"]] == list(wrong)


@pytest.mark.parametrize(("field", "words"), [("username", "username"), ("email", "e-mail")])
def test_a_taken_name_is_a_conflict(
    monkeypatch: pytest.MonkeyPatch, now: datetime, field_key: HeldKey, field: str, words: str
) -> None:
    def taken(_user: store.NewUser) -> None:
        raise store.NameTaken(field)

    monkeypatch.setattr(store, "create_user", taken)
    with pytest.raises(Conflict, match=words):
        identity.sign_up("ada", "a@b.c", "correct horse", "")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (None, user(), [SignedUp(user_id="u1"), UserChanged(user_id="u1")]),
        (user(), user(full_name="Ada"), [UserChanged(user_id="u1"), AuthorChanged(user_id="u1")]),
        (user(), user(bio="Ada"), [UserChanged(user_id="u1")]),
        (user(), user(password_hash="other", email=b"other", version=9), []),
        (user(follower_count=2), user(follower_count=3), [PopularityChanged(kind="user", id="u1")]),
        (user(follower_count=1024), user(follower_count=1151), []),
        (user(follower_count=1151), user(follower_count=1152), [PopularityChanged(kind="user", id="u1")]),
        (
            user(follower_count=1023),
            user(follower_count=1024),
            [PopularityChanged(kind="user", id="u1"), AuthorChanged(user_id="u1")],
        ),
        (user(), user(is_private=True), [UserChanged(user_id="u1"), AuthorChanged(user_id="u1")]),
        (user(is_private=True), user(), [UserChanged(user_id="u1"), AuthorChanged(user_id="u1")]),
        (user(), None, [UserDeleted(user_id="u1", version=2)]),
        (user(), user(profile_picture_media_id="m1", profile_picture_url="k"), [UserChanged(user_id="u1")]),
        (
            user(profile_picture_media_id="m1", profile_picture_url="k"),
            user(),
            [UserChanged(user_id="u1"), ProfilePictureReplaced(user_id="u1", media_id="m1")],
        ),
    ],
)
def test_only_public_changes_are_announced(old: UserItem | None, new: UserItem | None, said: list[Any]) -> None:
    assert list(service.announced(Change(old, new))) == said


@pytest.mark.parametrize("address", ["javascript:alert(1)", "ftp://x.org", "x" * 201, "not a url"])
def test_a_website_is_a_web_address(address: str) -> None:
    with pytest.raises(ValidationError):
        api.ProfileEdit.model_validate({"websiteUrl": address})


def test_real_stream_records_are_understood() -> None:
    records = sample("dynamodb_users")["Records"]
    said = [list(service.announced(change_of(UserItem, record))) for record in records]
    assert [len(events) for events in said] == [2, 2, 1], "a new account, its first follower and a new bio are news"


def test_a_real_request_is_answered(monkeypatch: pytest.MonkeyPatch, context: Any) -> None:
    looked_up: list[str] = []
    monkeypatch.setattr(store, "owner_of", lambda _identity: None)
    monkeypatch.setattr(store, "user", lambda user_id, consistent: looked_up.append(user_id))
    status, body = answer(api.handler(sample("api_sign_in"), context))
    assert (status, body["detail"]) == (401, "The login or the password is wrong")
    assert looked_up == [identity.NOBODY], "an unknown login costs the same reads"
