"""Rate limits and the end of sessions, over HTTP and across functions."""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from heliograph import live
from heliograph.load import Load
from local.client import Client, Session, wait_until
from local.clouds.emulator import Feature
from local.instance import NAMESPACE
from tests.integration.behind import Aws
from tests.running import IN_PROCESS, PASSWORD

RATES = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
LOAD = f"/{NAMESPACE}/live/load"


def rates(answer: httpx.Response) -> tuple[int, ...]:
    return tuple(int(answer.headers[name]) for name in RATES)


@pytest.fixture
def name(connect: Callable[[], Client]) -> str:
    name = f"lars.{time.time_ns()}"
    connect().sign_up(name, PASSWORD)
    return name


@contextmanager
def pinned(aws: Aws, factor: float) -> Iterator[None]:
    """The load factor as an operator sets it."""
    ssm = aws("ssm")
    before = ssm.get_parameter(Name=LOAD)["Parameter"]["Value"]
    _put(ssm, json.dumps({"factor": factor, "pinned": True}))
    try:
        yield
    finally:
        _put(ssm, before)


def _put(ssm: Any, document: str) -> None:
    ssm.put_parameter(Name=LOAD, Value=document, Type="String", Overwrite=True)
    if IN_PROCESS:
        # Instances of a deployed cloud are waited for; that they ask again in time, units show.
        live.forget()


def refusal(someone: Client, requests: int) -> httpx.Response | None:
    """One of the refusals, if there is any, when somebody asks so often, several times at once."""
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: someone.request("GET", "/users/me"), range(requests)))
    return next((answer for answer in answers if answer.status_code == 429), None)


def test_answers_carry_the_remaining_limit(join: Callable[[str], Client], connect: Callable[[], Client]) -> None:
    # given
    someone = join("lisa")
    answers = {
        200: someone.request("GET", "/users/me"),
        404: someone.request("GET", "/users/nobody"),
        422: someone.request("PATCH", "/users/me", {"isVerified": True}),
        401: connect().request("GET", "/users/me"),
    }
    etag = answers[200].headers["ETag"]
    answers[304] = someone.request("GET", "/users/me", headers={"If-None-Match": etag})
    # then
    for status, answer in answers.items():
        assert answer.status_code == status
        limit, remaining, _ = rates(answer)
        assert 0 < remaining <= limit


def test_password_guesses_are_limited_for_known_and_unknown_names(connect: Callable[[], Client], name: str) -> None:
    def guessed(login: str) -> list[httpx.Response]:
        body = {"login": login, "password": "not-the-password"}
        return [connect().request("POST", "/auth/sign-in", body) for _ in range(12)]

    # when
    answers = {login: guessed(login) for login in (name, f"{name}-nobody")}
    # then both look the same
    for guesses in answers.values():
        assert [answer.status_code for answer in guesses] == [401] * 10 + [429] * 2
        assert int(guesses[-1].headers["Retry-After"]) > 30
    shapes = [[sorted(answer.json()) for answer in guesses] for guesses in answers.values()]
    assert shapes[0] == shapes[1]
    # and the right password does not help
    assert connect().request("POST", "/auth/sign-in", {"login": name, "password": PASSWORD}).status_code == 429


def test_limits_are_lower_under_load(join: Callable[[str], Client], aws: Aws) -> None:
    # given
    someone = join("lena")
    whole = rates(someone.request("GET", "/users/me"))[0]
    # when
    with pinned(aws, 0.1):
        reduced = whole // 10
        wait_until(
            lambda: rates(someone.request("GET", "/users/me"))[0] == reduced,
            seconds=2 * live.MAX_AGE_SECONDS,
            what="the factor",
        )
        # then who goes on, faster than tokens come back, is refused
        refused = wait_until(lambda: refusal(someone, 2 * reduced), what="the refusal")
        assert rates(refused)[:2] == (reduced, 0)
        assert 1 <= int(refused.headers["Retry-After"]) <= 60
        # and others are not
        assert join("liam").request("GET", "/users/me").status_code == 200
    # and when the load is over, so is that
    wait_until(
        lambda: rates(someone.request("GET", "/users/me"))[0] == whole,
        seconds=2 * live.MAX_AGE_SECONDS,
        what="the whole limit",
    )


@pytest.mark.needs(Feature.DEPLOYMENT)
def test_load_factor_recovers_in_steps(aws: Aws) -> None:
    # given a factor from a bad time that is over
    parameter: dict[str, Any] = {"Name": LOAD, "Type": "String", "Overwrite": True}
    aws("ssm").put_parameter(Value=Load(factor=0.5).model_dump_json(), **parameter)
    # when
    answer = aws("lambda").invoke(FunctionName=f"{NAMESPACE}-kernel-load", Payload=b"{}")
    # then it recovers by steps, of which the clock may have made some too
    assert "FunctionError" not in answer, answer["Payload"].read()
    written = Load.model_validate_json(aws("ssm").get_parameter(Name=LOAD)["Parameter"]["Value"])
    assert 0.5 < written.factor <= 1
    aws("ssm").put_parameter(Value=Load().model_dump_json(), **parameter)


# --- The end of sessions --------------------------------------------------------------------------------------------


def allowed(session: Session, path: str, connect: Callable[[], Client]) -> bool:
    """Whether the access token is good for a route."""
    headers = {"Authorization": f"Bearer {session.access_token}"}
    answer = connect().request("GET", path, headers=headers)
    assert answer.status_code in (200, 401), answer.text
    return answer.status_code == 200


def test_signing_out_everywhere_ends_access_tokens_within_a_minute(connect: Callable[[], Client], name: str) -> None:
    # given two devices, of which the second is known to other functions
    phone, laptop = connect(), connect()
    phone.sign_in(name, PASSWORD)
    session = laptop.sign_in(name, PASSWORD)
    others = ("/feed", f"/users/{session.user_id}/posts", "/stories", "/users/me/blocks")
    assert all(allowed(session, path, connect) for path in others)
    # when
    assert phone.request("POST", "/auth/sign-out", {"everywhere": True}).status_code == 204
    # then
    for path in others:
        wait_until(lambda path=path: not allowed(session, path, connect), seconds=60, what=f"the end at {path}")
    wait_until(lambda: not allowed(session, "/users/me", connect), seconds=60, what="the end at accounts")
    # and whoever signs in again is in at once
    again = connect().sign_in(name, PASSWORD)
    assert all(allowed(again, path, connect) for path in (*others, "/users/me"))


def test_signing_out_one_device_leaves_the_others(connect: Callable[[], Client], name: str) -> None:
    # given
    phone, laptop = connect(), connect()
    ended, kept = phone.sign_in(name, PASSWORD), laptop.sign_in(name, PASSWORD)
    assert allowed(ended, "/feed", connect)
    # when
    assert phone.request("POST", "/auth/sign-out", {}).status_code == 204
    # then
    wait_until(lambda: not allowed(ended, "/feed", connect), seconds=60, what="the end")
    assert allowed(kept, "/feed", connect)


def test_reused_refresh_token_ends_access_tokens(connect: Callable[[], Client], name: str) -> None:
    # given a refresh token that its owner has used
    session = connect().sign_in(name, PASSWORD)
    renew = {"refreshToken": session.refresh_token}
    assert connect().request("POST", "/auth/refresh", renew).status_code == 200
    # when a thief uses it too
    assert connect().request("POST", "/auth/refresh", renew).status_code == 401
    # then nobody goes on with what it gave
    wait_until(lambda: not allowed(session, "/feed", connect), seconds=60, what="the end")
