"""Accounts over HTTP: codes by e-mail, passwords, sessions, the profile."""

import re
import time
from collections.abc import Callable

import pytest

from local.client import Client, wait_until
from local.cloud import Cloud
from tests.running import PASSWORD

Codes = Callable[[str], list[str]]


@pytest.fixture(scope="module")
def codes(cloud: Cloud) -> Codes:
    """The codes that were mailed to an address, oldest first."""

    def read(address: str) -> list[str]:
        texts = [mail.text for mail in cloud.lane.emulator.mails(cloud.instance) if address in mail.to]
        return [found[1] for text in texts if (found := re.search(r"Your code is (\d{6})", text))]

    return read


@pytest.fixture
def name(connect: Callable[[], Client]) -> str:
    name = f"lena.{time.time_ns()}"
    connect().sign_up(name, PASSWORD)
    return name


def mailed(codes: Codes, name: str, count: int) -> str:
    """The newest of `count` codes."""
    address = f"{name}@heliograph.example"
    return wait_until(lambda: found if len(found := codes(address)) >= count else None, what="the code")[-1]


def confirm(client: Client, name: str, code: str) -> int:
    return client.request("POST", "/auth/confirm", {"username": name, "code": code}).status_code


def test_a_code_confirms_once(connect: Callable[[], Client], name: str, codes: Codes) -> None:
    code = mailed(codes, name, 1)
    assert confirm(connect(), name, code) == 204
    assert confirm(connect(), name, code) == 422


def test_after_five_wrong_tries_the_right_code_is_refused_too(
    connect: Callable[[], Client], name: str, codes: Codes
) -> None:
    code = mailed(codes, name, 1)
    wrong = "000000" if code != "000000" else "111111"
    assert {confirm(connect(), name, wrong) for _ in range(5)} == {422}
    assert confirm(connect(), name, code) == 422


def test_a_forgotten_password_is_replaced_and_all_sessions_end(
    connect: Callable[[], Client], name: str, codes: Codes
) -> None:
    # Given somebody who is signed in, and asks for a code
    client = connect()
    session = client.sign_in(name, PASSWORD)
    assert client.request("POST", "/auth/forgot-password", {"login": name}).status_code == 204
    code = mailed(codes, name, 2)
    # When the code is used
    body = {"login": name, "code": code, "newPassword": "another-harbour-20"}
    assert connect().request("POST", "/auth/reset-password", body).status_code == 204
    # Then only the new password works, and the old session cannot be renewed
    assert connect().request("POST", "/auth/sign-in", {"login": name, "password": PASSWORD}).status_code == 401
    assert connect().sign_in(f"{name}@heliograph.example", "another-harbour-20").user_id == session.user_id
    assert connect().request("POST", "/auth/refresh", {"refreshToken": session.refresh_token}).status_code == 401
    assert connect().request("POST", "/auth/reset-password", body).status_code == 422


def test_nobody_learns_who_has_an_account(connect: Callable[[], Client]) -> None:
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


def test_a_session_is_not_ended_with_somebody_elses_token(connect: Callable[[], Client], name: str) -> None:
    owner, stranger = connect(), connect()
    session = owner.sign_in(name, PASSWORD)
    stranger.sign_up(f"{name}x", PASSWORD)
    stranger.sign_in(f"{name}x", PASSWORD)
    answer = stranger.request("POST", "/auth/sign-out", {"refreshToken": session.refresh_token})
    assert answer.status_code == 403
    assert connect().request("POST", "/auth/refresh", {"refreshToken": session.refresh_token}).status_code == 200


def test_a_profile_is_edited_field_by_field(connect: Callable[[], Client], name: str) -> None:
    client = connect()
    client.sign_in(name, PASSWORD)
    client.patch("/users/me", {"bio": "By the sea", "websiteUrl": "https://lena.example/"})
    me = client.patch("/users/me", {"fullName": "Lena"})
    assert (me["fullName"], me["bio"], me["websiteUrl"]) == ("Lena", "By the sea", "https://lena.example/")
    assert client.patch("/users/me", {"websiteUrl": None})["websiteUrl"] is None
    assert me["email"] == f"{name}@heliograph.example"
    assert client.request("PATCH", "/users/me", {"isVerified": True}).status_code == 422
