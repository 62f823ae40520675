"""A small client of Heliograph's HTTPS API, for the demo community, the integration tests and the benchmarks."""

import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

Json = dict[str, Any]
T = TypeVar("T")

_LARGEST_PAGE = 50


class ApiError(Exception):
    """The API answered with a problem (RFC 9457)."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__(
            f"{response.request.method} {response.request.url}: {response.status_code} {response.text[:500]}"
        )
        self.status = response.status_code


class NotInTimeError(Exception):
    """An effect that was waited for did not come."""


@dataclass(frozen=True)
class Session:
    """What signing in returns. `expires_in` is in seconds."""

    user_id: str
    access_token: str
    refresh_token: str
    expires_in: int


class Client:
    """One person's connection to the API; anonymous until `sign_in`.

    `request` answers with whatever the API says; every other method raises ApiError unless the API agrees.
    """

    def __init__(self, api_url: str, timeout_seconds: float = 30.0) -> None:
        # trust_env: a proxy of the person's own cannot reach an address on this machine.
        self._http = httpx.Client(base_url=api_url, timeout=timeout_seconds, trust_env=False)
        self.session: Session | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def user_id(self) -> str:
        """Who is signed in."""
        if self.session is None:
            raise LookupError("nobody is signed in")
        return self.session.user_id

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def request(
        self,
        method: str,
        path: str,
        json: Json | None = None,
        params: Mapping[str, str | int | float] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Send a request as the person who is signed in; `path` follows `/v1`."""
        own = {"Authorization": f"Bearer {self.session.access_token}"} if self.session else {}
        return self._http.request(method, path, json=json, params=params, headers=own | dict(headers or {}))

    def get(self, path: str, **params: str | float) -> Json:
        """GET a JSON object."""
        return _agreed(self.request("GET", path, params=params))

    def items(self, path: str, **params: str | float) -> Iterator[Json]:
        """Every item of a list, page by page."""
        cursor: dict[str, str | float] = {}
        while True:
            page = self.get(path, **({"limit": _LARGEST_PAGE} | params | cursor))
            yield from page["items"]
            if not page["nextCursor"]:
                return
            cursor = {"cursor": page["nextCursor"]}

    def post(self, path: str, body: Json, key: str | None = None) -> Json:
        """POST a JSON object. The same `key` makes a repetition harmless; without one, every call is a new intent."""
        return _agreed(self.request("POST", path, json=body, headers={"Idempotency-Key": key or str(uuid.uuid4())}))

    def put(self, path: str, body: Json | None = None) -> Json:
        """PUT, which may be repeated."""
        return _agreed(self.request("PUT", path, json=body))

    def patch(self, path: str, body: Json) -> Json:
        """PATCH with a JSON object."""
        return _agreed(self.request("PATCH", path, json=body))

    def delete(self, path: str) -> Json:
        """DELETE, which may be repeated."""
        return _agreed(self.request("DELETE", path))

    def sign_up(self, username: str, password: str, email: str | None = None, full_name: str | None = None) -> Json:
        """Create an account; does not sign in."""
        body: Json = {"username": username, "email": email or f"{username}@heliograph.example", "password": password}
        return self.post("/auth/sign-up", body | ({"fullName": full_name} if full_name else {}))

    def sign_in(self, login: str, password: str) -> Session:
        """Sign in with a username or an e-mail address; later requests carry the token."""
        answer = self.post("/auth/sign-in", {"login": login, "password": password})
        self.session = Session(answer["userId"], answer["accessToken"], answer["refreshToken"], answer["expiresIn"])
        return self.session

    def request_upload(
        self, byte_size: int, content_type: str = "image/jpeg", purpose: str = "post", key: str | None = None
    ) -> Json:
        """Ask for a media id and the form to upload it with."""
        return self.post("/media", {"contentType": content_type, "byteSize": byte_size, "purpose": purpose}, key)

    def send_to_form(self, upload: Json, content: bytes) -> httpx.Response:
        """POST bytes to a presigned form, as a browser would, and answer with what the storage says."""
        return httpx.post(
            upload["url"], data=upload["fields"], files={"file": content}, timeout=self._http.timeout, trust_env=False
        )

    def upload(
        self, content: bytes, content_type: str = "image/jpeg", purpose: str = "post", key: str | None = None
    ) -> str:
        """Upload a photo and return its media id; it is processed after this returns."""
        media = self.request_upload(len(content), content_type, purpose, key)
        sent = self.send_to_form(media["upload"], content)
        if not sent.is_success:
            raise ApiError(sent)
        return media["mediaId"]

    def create_post(self, media_ids: list[str], key: str | None = None, **fields: Any) -> Json:
        """Create a post; `fields` are caption, location, audience."""
        return self.post("/posts", {"media": [{"mediaId": media_id} for media_id in media_ids], **fields}, key)


def wait_until(effect: Callable[[], T | None], seconds: float = 30.0, what: str = "the effect") -> T:
    """Call `effect` until it returns something true, and return that; raises NotInTimeError after `seconds`."""
    deadline = time.monotonic() + seconds
    pause = 0.05
    while True:
        if result := effect():
            return result
        if time.monotonic() > deadline:
            raise NotInTimeError(f"{what} did not come within {seconds} s")
        time.sleep(pause)
        pause = min(pause * 1.3, 0.5)


def _agreed(response: httpx.Response) -> Json:
    if not response.is_success:
        raise ApiError(response)
    return response.json() if response.content else {}
