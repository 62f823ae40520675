"""Accounts over HTTP: codes by e-mail, passwords, sessions, the profile."""

import io
import re
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from PIL import Image

from functions.accounts.mail import SUBJECTS
from local.client import Client, Session, wait_until
from local.clouds.emulator import Mail
from tests.integration.behind import PHOTO
from tests.running import PASSWORD

Codes = Callable[[str, str], list[str]]


@pytest.fixture(scope="module")
def codes(mails: Callable[[], list[Mail]]) -> Codes:
    """The codes that were mailed to an address under a subject. Requests may come twice, and overtake each other."""

    def read(address: str, subject: str) -> list[str]:
        texts = [mail.text for mail in mails() if address in mail.to and mail.subject == subject]
        return [one[1] for text in texts if (one := re.search(r"Your code is (\d{6})", text))]

    return read


@pytest.fixture
def name(connect: Callable[[], Client]) -> str:
    name = f"lena.{time.time_ns()}"
    connect().sign_up(name, PASSWORD)
    return name


def mailed(codes: Codes, name: str, purpose: str) -> str:
    return wait_until(lambda: codes(f"{name}@heliograph.example", SUBJECTS[purpose]), what="the code")[0]


def confirm(client: Client, name: str, code: str) -> int:
    return client.request("POST", "/auth/confirm", {"username": name, "code": code}).status_code


def test_confirmation_code_works_once(connect: Callable[[], Client], name: str, codes: Codes) -> None:
    code = mailed(codes, name, "confirm")
    assert confirm(connect(), name, code) == 204
    assert confirm(connect(), name, code) == 422


def test_right_code_is_refused_after_five_wrong_tries(connect: Callable[[], Client], name: str, codes: Codes) -> None:
    code = mailed(codes, name, "confirm")
    wrong = "000000" if code != "000000" else "111111"
    assert {confirm(connect(), name, wrong) for _ in range(5)} == {422}
    assert confirm(connect(), name, code) == 422


def test_password_reset_ends_all_sessions(connect: Callable[[], Client], name: str, codes: Codes) -> None:
    # Given somebody who is signed in, and asks for a code
    client = connect()
    session = client.sign_in(name, PASSWORD)
    assert client.request("POST", "/auth/forgot-password", {"login": name}).status_code == 204
    code = mailed(codes, name, "reset")
    # When the code is used
    body = {"login": name, "code": code, "newPassword": "another-harbour-20"}
    assert connect().request("POST", "/auth/reset-password", body).status_code == 204
    # Then only the new password works, and the old session cannot be renewed
    assert connect().request("POST", "/auth/sign-in", {"login": name, "password": PASSWORD}).status_code == 401
    assert connect().sign_in(f"{name}@heliograph.example", "another-harbour-20").user_id == session.user_id
    assert connect().request("POST", "/auth/refresh", {"refreshToken": session.refresh_token}).status_code == 401
    assert connect().request("POST", "/auth/reset-password", body).status_code == 422


def test_answers_do_not_reveal_who_has_an_account(connect: Callable[[], Client]) -> None:
    for login in ("nobody.here", "nobody@nowhere.example"):
        assert connect().request("POST", "/auth/forgot-password", {"login": login}).status_code == 204
        body = {"login": login, "code": "123456", "newPassword": "another-harbour-20"}
        assert connect().request("POST", "/auth/reset-password", body).status_code == 422


def test_signing_out_ends_one_session_or_all(connect: Callable[[], Client], name: str) -> None:
    phone, laptop, tablet = (connect() for _ in range(3))
    sessions = [client.sign_in(name, PASSWORD) for client in (phone, laptop, tablet)]

    def renewable() -> list[bool]:
        bodies = ({"refreshToken": session.refresh_token} for session in sessions)
        answers = [connect().request("POST", "/auth/refresh", body) for body in bodies]
        for place, answer in enumerate(answers):
            if answer.status_code == 200:
                sessions[place] = type(sessions[place])(
                    sessions[place].user_id, answer.json()["accessToken"], answer.json()["refreshToken"], 900
                )
        return [answer.status_code == 200 for answer in answers]

    assert phone.request("POST", "/auth/sign-out", {}).status_code == 204
    assert renewable() == [False, True, True]
    assert laptop.request("POST", "/auth/sign-out", {"everywhere": True}).status_code == 204
    assert renewable() == [False, False, False]


def test_token_of_another_user_does_not_end_a_session(connect: Callable[[], Client], name: str) -> None:
    owner, stranger = connect(), connect()
    session = owner.sign_in(name, PASSWORD)
    stranger.sign_up(f"{name}x", PASSWORD)
    stranger.sign_in(f"{name}x", PASSWORD)
    answer = stranger.request("POST", "/auth/sign-out", {"refreshToken": session.refresh_token})
    assert answer.status_code == 403
    assert connect().request("POST", "/auth/refresh", {"refreshToken": session.refresh_token}).status_code == 200


def test_device_is_listed_and_signed_out(connect: Callable[[], Client], name: str) -> None:
    # Given somebody who is signed in on two devices
    phone, laptop = connect(), connect()
    credentials = {"login": name, "password": PASSWORD}
    for client, device in ((phone, "Heliograph/1.0 (Pixel 12)"), (laptop, "Mozilla/5.0 (X11; Linux)")):
        client.session = session_of(
            client.request("POST", "/auth/sign-in", credentials, headers={"User-Agent": device}).json()
        )
    # When the laptop looks, and signs the phone out
    first, second = laptop.items("/users/me/devices", limit=1)
    assert laptop.session is not None
    assert phone.session is not None
    laptop.delete(f"/users/me/devices/{first['sessionId']}")
    # Then it was shown in its own words, and cannot renew its session
    assert [(device["name"], device["current"]) for device in (first, second)] == [
        ("Heliograph/1.0 (Pixel 12)", False),
        ("Mozilla/5.0 (X11; Linux)", True),
    ]
    assert [device["sessionId"] for device in laptop.items("/users/me/devices")] == [second["sessionId"]]
    renewed = [
        connect().request("POST", "/auth/refresh", {"refreshToken": session.refresh_token}).status_code
        for session in (phone.session, laptop.session)
    ]
    assert renewed == [401, 200]


def session_of(answer: dict[str, Any]) -> Session:
    return Session(answer["userId"], answer["accessToken"], answer["refreshToken"], answer["expiresIn"])


def test_email_and_phone_are_encrypted_in_the_tables(
    connect: Callable[[], Client], name: str, aws: Callable[[str], Any]
) -> None:
    # Given somebody with an address and a number
    client = connect()
    client.sign_in(name, PASSWORD)
    me = client.patch("/users/me", {"phoneNumber": "+46 (70) 123-45 67"})
    assert (me["email"], me["phoneNumber"]) == (f"{name}@heliograph.example", "+46701234567")
    # When everything that is stored is read
    database = aws("dynamodb")
    items = [
        item
        for table in database.list_tables()["TableNames"]
        for page in database.get_paginator("scan").paginate(TableName=table)
        for item in page["Items"]
    ]
    # Then neither is in it, but for its owner both are there
    stored = repr([item for item in items if me["userId"] in repr(item)])
    assert name in stored
    assert f"{name}@" not in repr(items)
    assert "701234567" not in repr(items)
    assert client.get("/users/me")["phoneNumber"] == "+46701234567"
    assert client.patch("/users/me", {"phoneNumber": None})["phoneNumber"] is None
    assert client.request("PATCH", "/users/me", {"phoneNumber": "070-1234567"}).status_code == 422


@pytest.mark.parametrize("password", ["password123", "qwertyuiop", "heliograph2026"])
def test_common_passwords_are_refused(connect: Callable[[], Client], password: str) -> None:
    body = {"username": f"p{time.time_ns()}", "email": "p@heliograph.example", "password": password}
    answer = connect().request("POST", "/auth/sign-up", body)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["password"]


def test_profile_picture_is_shown_replaced_and_removed(
    join: Callable[[str], Client], aws: Callable[[str], Any]
) -> None:
    # Given two pictures that are ready, one for a post, and one of somebody else
    ada, eve = join("ada"), join("eve")
    first, second, other = (ready(ada, purpose) for purpose in ("profile", "profile", "post"))
    foreign = ready(eve, "profile")
    # When the first is chosen, then the second
    ada.patch("/users/me", {"profilePictureMediaId": first})
    shown = eve.get(f"/users/{ada.user_id}")["profilePictureUrl"]
    assert first in shown
    assert Image.open(io.BytesIO(httpx.get(shown, trust_env=False).content)).width == 320
    ada.patch("/users/me", {"profilePictureMediaId": second})
    # Then others see it, and nothing is left of the first one
    assert second in eve.get(f"/users/{ada.user_id}")["profilePictureUrl"]
    wait_until(lambda: ada.request("GET", f"/media/{first}").status_code == 404, what="the former picture to go")
    assert [key for key in stored(aws) if first in key] == []
    assert [key for key in stored(aws) if second in key] != []
    # and what cannot be a picture is refused with a reason, and changes nothing
    for media_id, status in ((other, 422), (foreign, 404), ("nothing", 404), (first, 404)):
        assert ada.request("PATCH", "/users/me", {"profilePictureMediaId": media_id}).status_code == status
    assert second in ada.get("/users/me")["profilePictureUrl"]
    assert ada.patch("/users/me", {"profilePictureMediaId": None})["profilePictureUrl"] is None


def ready(client: Client, purpose: str) -> str:
    media_id = client.upload(PHOTO, purpose=purpose)
    wait_until(lambda: client.get(f"/media/{media_id}")["status"] == "ready", what="the picture")
    return media_id


def stored(aws: Callable[[str], Any]) -> list[str]:
    """The keys of all media."""
    s3 = aws("s3")
    (bucket,) = (found["Name"] for found in s3.list_buckets()["Buckets"] if "-media-" in found["Name"])
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return [item["Key"] for page in pages for item in page.get("Contents", [])]


def test_profile_is_edited_field_by_field(connect: Callable[[], Client], name: str) -> None:
    client = connect()
    client.sign_in(name, PASSWORD)
    client.patch("/users/me", {"bio": "By the sea", "websiteUrl": "https://lena.example/"})
    me = client.patch("/users/me", {"fullName": "Lena"})
    assert (me["fullName"], me["bio"], me["websiteUrl"]) == ("Lena", "By the sea", "https://lena.example/")
    assert client.patch("/users/me", {"websiteUrl": None})["websiteUrl"] is None
    assert me["email"] == f"{name}@heliograph.example"
    assert client.request("PATCH", "/users/me", {"isVerified": True}).status_code == 422
