"""The routes of stories: what they accept, what they hand to the service, what they answer."""

from collections.abc import Callable
from typing import Any

import pytest

from functions.graph import service as graph
from functions.graph.service import Person
from functions.media.service import Edits
from functions.posts.service import Location
from functions.stories import service
from functions.stories.api import handler
from functions.stories.service import Draft, Reel
from heliograph import tokens
from heliograph.errors import Forbidden, NotFound
from heliograph.tables import Slice
from heliograph.tokens import Caller
from tests.unit.feed.samples import ANNA, BEN, profile
from tests.unit.requests import answer, request
from tests.unit.stories.samples import OVER, PICTURE, STORY, hydrated, story

Send = Callable[..., tuple[int, Any]]


@pytest.fixture
def send(monkeypatch: pytest.MonkeyPatch, context: Any, now: Any) -> Send:
    """Ben asks, two hours after the story was told."""
    monkeypatch.setattr(tokens, "verify", lambda token: Caller(BEN, "device", "ben"))

    def send(method: str, path: str, body: Any = None) -> tuple[int, Any]:
        headers = {"Authorization": "Bearer good", "Content-Type": "application/json"}
        return answer(handler(request(method, path, body, headers), context))

    return send


def test_story_is_created_and_shown(monkeypatch: pytest.MonkeyPatch, send: Send) -> None:
    drafts: list[tuple[str, Draft]] = []

    def create(author_id: str, draft: Draft) -> Any:
        drafts.append((author_id, draft))
        return hydrated(user_id=BEN, view_count=3, hashtags=("sea",))

    monkeypatch.setattr(service, "create", create)
    place = {"name": "Rome", "lat": 41.9, "lon": 12.5}

    status, shown = send(
        "POST", "/v1/stories", {"mediaId": "m1", "caption": "#sea", "location": place, "edits": {"rotate": 90}}
    )

    assert drafts == [(BEN, Draft("m1", "#sea", Location("Rome", 41.9, 12.5), "followers", Edits(rotate=90)))]
    assert status == 201
    assert shown["media"]["mediaId"] == PICTURE
    assert shown["author"]["userId"] == BEN
    assert {name: shown[name] for name in shown if name not in ("media", "author")} == {
        "storyId": STORY,
        "status": "published",
        "failureReason": None,
        "caption": "Right now",
        "hashtags": ["sea"],
        "mentionedUsers": [],
        "location": None,
        "audience": "followers",
        "createdAt": "2026-11-22T12:00:00.000Z",
        "expiresAt": "2026-11-23T12:00:00.000Z",
        "viewCount": 3,
        "viewer": {"seen": False},
    }


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "mediaId"),
        ({"mediaId": "m1", "caption": "x" * 2201}, "caption"),
        ({"mediaId": "m1", "audience": "everyone"}, "audience"),
        ({"mediaId": "m1", "edits": {"vignette": -1}}, "edits.vignette"),
        ({"mediaId": "m1", "unknown": 1}, "unknown"),
    ],
)
def test_a_story_that_breaks_a_rule_names_the_field(send: Send, body: dict[str, Any], field: str) -> None:
    status, problem = send("POST", "/v1/stories", body)

    assert status == 422
    assert [error["field"] for error in problem["errors"]] == [field]


def test_tray_shows_seen_state(monkeypatch: pytest.MonkeyPatch, send: Send) -> None:
    reels = [
        Reel(profile(), [hydrated("s1", seen=True), hydrated("s2")]),
        Reel(profile(BEN), [hydrated("s3", seen=True)]),
        Reel(profile(), [hydrated("s4", expires_at=OVER.replace(day=22))]),
    ]
    monkeypatch.setattr(service, "tray", lambda viewer_id, position, limit: Slice([ANNA], None))
    monkeypatch.setattr(service, "hydrate_tray", lambda viewer_id, author_ids: reels)

    _, page = send("GET", "/v1/stories")

    assert [
        (reel["author"]["userId"], [item["storyId"] for item in reel["stories"]], reel["allSeen"])
        for reel in page["items"]
    ] == [(ANNA, ["s1", "s2"], False), (BEN, ["s3"], True)]


def test_account_shows_its_current_stories(monkeypatch: pytest.MonkeyPatch, send: Send) -> None:
    monkeypatch.setattr(service, "stories_of", lambda viewer_id, user_id: lambda after, limit: Slice([story()], None))
    monkeypatch.setattr(
        service, "hydrate", lambda viewer_id, stories: [hydrated("s1"), hydrated("s2", expires_at=OVER.replace(day=22))]
    )

    _, page = send("GET", f"/v1/users/{ANNA}/stories")

    assert [item["storyId"] for item in page["items"]] == ["s1"]


@pytest.mark.parametrize(
    ("method", "path", "use_case"),
    [("DELETE", f"/v1/stories/{STORY}", "delete"), ("PUT", f"/v1/stories/{STORY}/view", "view")],
)
def test_commands_answer_204(
    monkeypatch: pytest.MonkeyPatch, send: Send, method: str, path: str, use_case: str
) -> None:
    calls: list[tuple[str, str]] = []
    monkeypatch.setattr(service, use_case, lambda *arguments: calls.append(arguments))

    assert send(method, path) == (204, None)
    assert calls == [(BEN, STORY)]


def test_viewers_are_people(monkeypatch: pytest.MonkeyPatch, send: Send) -> None:
    monkeypatch.setattr(service, "viewers", lambda author_id, story_id: lambda position, count: Slice([ANNA], None))
    people = [Person(profile(ANNA), hydrated().viewer)]
    monkeypatch.setattr(graph, "hydrate_people", lambda viewer_id, ids: people if ids == [ANNA] else [])

    _, page = send("GET", f"/v1/stories/{STORY}/viewers")

    assert [person["userId"] for person in page["items"]] == [ANNA]


@pytest.mark.parametrize(("error", "status"), [(NotFound(), 404), (Forbidden(), 403)])
def test_viewers_are_for_the_author(monkeypatch: pytest.MonkeyPatch, send: Send, error: Exception, status: int) -> None:
    def refuse(author_id: str, story_id: str) -> None:
        raise error

    monkeypatch.setattr(service, "viewers", refuse)

    assert send("GET", f"/v1/stories/{STORY}/viewers")[0] == status


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/v1/stories", {}),
        ("GET", "/v1/stories", None),
        ("GET", f"/v1/users/{ANNA}/stories", None),
        ("GET", f"/v1/stories/{STORY}", None),
        ("DELETE", f"/v1/stories/{STORY}", None),
        ("PUT", f"/v1/stories/{STORY}/view", None),
        ("GET", f"/v1/stories/{STORY}/viewers", None),
    ],
)
def test_every_route_requires_a_token(context: Any, method: str, path: str, body: Any) -> None:
    assert handler(request(method, path, body), context)["statusCode"] == 401
