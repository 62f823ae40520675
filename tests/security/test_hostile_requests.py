"""Requests that no client of ours would send: each is refused for what it is, shortly, and breaks nothing."""

import json
from collections.abc import Callable

import httpx
import pytest

from local.client import Client
from local.instance import Endpoints

pytestmark = pytest.mark.sampled

SEND_JSON = {"Content-Type": "application/json"}
SIGN_IN = ("POST", "/v1/auth/sign-in")
COMMENT = ("POST", "/v1/posts/nothing/comments")
MEDIA = ("POST", "/v1/media")


def sign_in(**fields: object) -> str:
    return json.dumps({"login": "nobody", "password": "nothing at all", **fields})


HOSTILE = {
    "half a character in a login": (*SIGN_IN, sign_in(login="\ud800"), 422),
    "half a character in a password": (*SIGN_IN, sign_in(password="\udfff"), 422),
    "half a character in a name": (*SIGN_IN, sign_in(**{"\ud800": 1}), 422),
    "half a character in a comment": (*COMMENT, '{"content": "\\ud800"}', 422),
    "a null character": (*COMMENT, '{"content": "a\\u0000b"}', 422),
    "a terminal's escape": (*COMMENT, '{"content": "\\u001b[31mred"}', 422),
    "nothing but invisible characters": (*COMMENT, '{"content": "\\u200b\\u2060\\ufeff"}', 422),
    "piled marks": (*COMMENT, json.dumps({"content": "z" + "\u0300" * 50}), 422),
    "another type": (*SIGN_IN, sign_in(login=["nobody"]), 422),
    "a truth that is a number": ("POST", "/v1/auth/sign-out", '{"everywhere": 1}', 422),
    "a list for an object": (*SIGN_IN, "[]", 400),
    "nothing": (*SIGN_IN, "null", 422),
    "no body": (*SIGN_IN, "", 422),
    "no JSON": (*SIGN_IN, "{", 400),
    "a depth that no parser survives": (*SIGN_IN, "[" * 30_000, 400),
    "a number of five thousand digits": (*MEDIA, f'{{"byteSize": {"9" * 5000}}}', 400),
    "a number that is none": (*MEDIA, '{"byteSize": NaN}', 422),
    "more than can be counted": (*MEDIA, '{"byteSize": 1e999}', 422),
    "70,000 bytes": (*SIGN_IN, sign_in(login="a" * 70_000), 413),
    "a username of 3,000 letters": ("GET", f"/v1/users/by-username/{'a' * 3000}", "", 404),
    "a hashtag of 3,000 letters": ("GET", f"/v1/hashtags/{'a' * 3000}", "", 404),
    "a hashtag with an invisible letter": ("GET", "/v1/hashtags/a%E2%80%8Bb", "", 404),
    "an id that is none": ("GET", "/v1/posts/%7B%7D", "", 404),
    "a search for a null character": ("GET", "/v1/search?q=a%00b", "", 422),
    "a search for nothing": ("GET", "/v1/search?q=%20", "", 422),
    "a parameter twice": ("GET", "/v1/feed?limit=1&limit=2", "", 422),
    "a limit beyond all": ("GET", f"/v1/feed?limit={'9' * 30}", "", 422),
    "a cursor of bytes": ("GET", "/v1/feed?cursor=%FF%FE", "", 400),
    "an empty cursor": ("GET", "/v1/feed?cursor=", "", 422),
    "an endless cursor": ("GET", f"/v1/feed?cursor={'A' * 3000}", "", 422),
}


@pytest.fixture(scope="module")
def send(join: Callable[[str], Client], endpoints: Endpoints) -> Callable[..., httpx.Response]:
    """Send exactly these bytes, as somebody who is signed in."""
    session = join("mallory").session
    assert session
    own = {"Authorization": f"Bearer {session.access_token}"}
    site = endpoints.api_url.removesuffix("/v1")

    def sent(method: str, path: str, body: str = "", **headers: str) -> httpx.Response:
        return httpx.request(method, site + path, content=body, headers=own | headers, timeout=30, trust_env=False)

    return sent


@pytest.mark.parametrize(("method", "path", "body", "status"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_request_is_refused_briefly(
    method: str, path: str, body: str, status: int, send: Callable[..., httpx.Response]
) -> None:
    answer = send(method, path, body, **SEND_JSON)
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert len(answer.json()["detail"]) < 500


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_body_without_json_content_type_is_refused(content_type: str, send: Callable[..., httpx.Response]) -> None:
    assert send(*SIGN_IN, sign_in(), **{"Content-Type": content_type}).status_code == 415


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD", "TRACE"])
def test_undeclared_method_does_nothing(method: str, send: Callable[..., httpx.Response]) -> None:
    answer = send(method, "/v1/feed")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
