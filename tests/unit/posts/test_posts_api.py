"""The routes of posts: what they accept, what they hand to the service, what they answer."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from functions.graph import service as graph
from functions.graph.service import Person
from functions.media.service import Edits
from functions.posts import comments, conversation, pinning, saves, saving, service
from functions.posts.api import handler
from functions.posts.conversation import Comment, SeenComment
from functions.posts.service import Draft, Location, Mention
from heliograph import tokens
from heliograph.errors import Conflict, Forbidden, NotFound
from heliograph.tables import Slice
from heliograph.tokens import Caller
from tests.unit.feed.samples import ANNA, BEN, NOON, POST, hydrated, post, post_id, profile
from tests.unit.requests import answer, request

COMMENT = "019aab10-0000-7000-8000-00000000000c"
SEEN_COMMENT = SeenComment(
    Comment(COMMENT, POST, ANNA, BEN, "What a light!", NOON, like_count=3, reply_count=1),
    post(pinned_comments=frozenset({COMMENT})),
    profile(BEN, username="ben"),
    hydrated().viewer,
    liked=True,
)
Send = Callable[..., tuple[int, Any]]


@pytest.fixture
def send(monkeypatch: pytest.MonkeyPatch, context: Any) -> Send:
    """Ben asks."""
    monkeypatch.setattr(tokens, "verify", lambda token: Caller(BEN, "device", "ben"))

    def send(method: str, path: str, body: Any = None, **query: str) -> tuple[int, Any]:
        headers = {"Authorization": "Bearer good", "Content-Type": "application/json"}
        return answer(handler(request(method, path, body, headers, query), context))

    return send


def recorded(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, result: Any = None) -> list[tuple[Any, ...]]:
    """Replace a use case; the arguments it was called with."""
    calls: list[tuple[Any, ...]] = []

    def instead(*args: Any, **options: Any) -> Any:
        calls.append((*args, *options.values()))
        if isinstance(result, Exception):
            raise result
        return result

    monkeypatch.setattr(module, name, instead)
    return calls


# --- Posts ----------------------------------------------------------------------------------------------------------


def test_a_post_is_written_and_shown(monkeypatch: pytest.MonkeyPatch, send: Send) -> None:
    written = hydrated(
        location=Location("Big Sur", 36.27, -121.81), mentioned_users=(Mention(BEN, "ben"),), like_count=2
    )
    calls = recorded(monkeypatch, service, "create", written)
    body = {
        "caption": "Dusk #sunset",
        "media": [{"mediaId": "m1", "altText": "A bay"}, {"mediaId": "m2", "edits": {"filter": "ember"}}],
        "location": {"name": " Big Sur ", "lat": 36.2700001, "lon": -121.81},
        "audience": "closeFriends",
    }

    status, shown = send("POST", "/v1/posts", body)

    draft = Draft(("m1", "m2"), "Dusk #sunset", {"m1": "A bay"}, Location("Big Sur", 36.27, -121.81), "closeFriends")
    assert calls == [(BEN, replace(draft, edits={"m2": Edits(filter="ember")}))]
    assert status == 201
    assert shown == {
        "postId": POST,
        "status": "published",
        "failureReason": None,
        "author": {
            "userId": ANNA,
            "username": "anna.berg",
            "fullName": "Anna Berg",
            "profilePictureUrl": None,
            "isPrivate": False,
            "isVerified": False,
        },
        "caption": "",
        "hashtags": ["sunset"],
        "mentionedUsers": [{"userId": BEN, "username": "ben"}],
        "mediaType": "image",
        "media": [],
        "location": {"name": "Big Sur", "lat": 36.27, "lon": -121.81},
        "audience": "followers",
        "createdAt": "2026-11-22T12:00:00.000Z",
        "isArchived": False,
        "commentsOff": False,
        "likesHidden": False,
        "likeCount": 2,
        "commentCount": 0,
        "viewer": {"liked": False, "saved": False},
    }


ONE = {"media": [{"mediaId": "m1"}]}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "media"),
        ({"media": []}, "media"),
        ({"media": [{"mediaId": f"m{number}"} for number in range(11)]}, "media"),
        ({"media": [{"mediaId": "m1"}, {"mediaId": "m1"}]}, "media"),
        ({"media": [{"mediaId": "../m1"}]}, "media.0.mediaId"),
        ({"media": [{"mediaId": "m1", "altText": "x" * 1001}]}, "media.0.altText"),
        ({"media": [{"mediaId": "m1", "edits": {"filter": "nobodys"}}]}, "media.0.edits.filter"),
        (ONE | {"caption": "x" * 2201}, "caption"),
        (ONE | {"audience": "everyone"}, "audience"),
        (ONE | {"location": {"name": "Nowhere", "lat": 90.1, "lon": 0}}, "location.lat"),
        (ONE | {"location": {"name": "Nowhere", "lat": 0, "lon": -180.1}}, "location.lon"),
        (ONE | {"location": {"name": " ", "lat": 0, "lon": 0}}, "location.name"),
        (ONE | {"unknown": 1}, "unknown"),
    ],
)
def test_a_post_that_breaks_a_rule_names_the_field(send: Send, body: dict[str, Any], field: str) -> None:
    status, problem = send("POST", "/v1/posts", body)

    assert status == 422
    assert [error["field"] for error in problem["errors"]] == [field]


def test_degrees_too_fine_for_a_table_are_rounded(monkeypatch: pytest.MonkeyPatch, send: Send) -> None:
    calls = recorded(monkeypatch, service, "create", hydrated())

    send("POST", "/v1/posts", ONE | {"location": {"name": "Null Island", "lat": 5e-324, "lon": 0}})

    assert calls[0][1].location == Location("Null Island", 0.0, 0.0)


@pytest.mark.parametrize(
    ("body", "edits"),
    [
        ({}, {}),
        ({"caption": ""}, {"caption": ""}),
        ({"location": None}, {"location": None}),
        ({"location": {"name": "Rome", "lat": 41.9, "lon": 12.5}}, {"location": Location("Rome", 41.9, 12.5)}),
        ({"commentsOff": True, "likesHidden": False}, {"comments_off": True, "likes_hidden": False}),
        ({"altTexts": {"m1": "A bay", "m2": None}}, {"alt_texts": {"m1": "A bay", "m2": None}}),
    ],
)
def test_an_edit_changes_what_it_names(
    monkeypatch: pytest.MonkeyPatch, send: Send, body: dict[str, Any], edits: dict[str, Any]
) -> None:
    calls = recorded(monkeypatch, service, "edit", hydrated())

    assert send("PATCH", f"/v1/posts/{POST}", body)[0] == 200
    assert calls == [(BEN, POST, edits)]


@pytest.mark.parametrize(
    ("route", "use_case", "arguments"),
    [
        (("DELETE", f"/v1/posts/{POST}"), (service, "delete"), (BEN, POST)),
        (("PUT", f"/v1/posts/{POST}/archive"), (service, "archive"), (BEN, POST, True)),
        (("DELETE", f"/v1/posts/{POST}/archive"), (service, "archive"), (BEN, POST, False)),
        (("PUT", f"/v1/posts/{POST}/save"), (saving, "save"), (BEN, POST)),
        (("DELETE", f"/v1/posts/{POST}/save"), (saving, "unsave"), (BEN, POST)),
        (("DELETE", f"/v1/comments/{COMMENT}"), (conversation, "delete"), (BEN, COMMENT)),
        (("PUT", f"/v1/comments/{COMMENT}/pin"), (pinning, "pin"), (BEN, COMMENT)),
        (("DELETE", f"/v1/comments/{COMMENT}/pin"), (pinning, "unpin"), (BEN, COMMENT)),
    ],
)
def test_commands_answer_204(
    monkeypatch: pytest.MonkeyPatch, send: Send, route: tuple[str, str], use_case: Any, arguments: Any
) -> None:
    calls = recorded(monkeypatch, *use_case)

    assert send(*route) == (204, None)
    assert calls == [arguments]


@pytest.mark.parametrize(("error", "status"), [(NotFound(), 404), (Forbidden(), 403), (Conflict(), 409)])
def test_refusals_are_problems(monkeypatch: pytest.MonkeyPatch, send: Send, error: Exception, status: int) -> None:
    recorded(monkeypatch, service, "archive", error)

    assert send("PUT", f"/v1/posts/{POST}/archive")[0] == status


def test_malformed_id_is_not_found(send: Send) -> None:
    assert send("GET", "/v1/posts/not.an.id")[0] == 404


def test_an_unchanged_post_is_not_sent_again(monkeypatch: pytest.MonkeyPatch, send: Send, context: Any) -> None:
    recorded(monkeypatch, service, "read", hydrated())
    first = handler(request("GET", f"/v1/posts/{POST}", headers={"Authorization": "Bearer good"}), context)
    headers = {"Authorization": "Bearer good", "If-None-Match": first["multiValueHeaders"]["ETag"][0]}

    assert handler(request("GET", f"/v1/posts/{POST}", headers=headers), context)["statusCode"] == 304


@pytest.mark.parametrize(
    ("path", "skeleton", "hidden"),
    [
        (f"/v1/users/{ANNA}/posts", "published_by", {"is_archived": True}),
        ("/v1/users/me/archive", "archived_by", {"is_archived": False}),
    ],
)
def test_a_list_is_paged_and_keeps_its_rules(
    monkeypatch: pytest.MonkeyPatch, send: Send, path: str, skeleton: str, hidden: dict[str, bool]
) -> None:
    # Given five posts of which the third is not of this list (any more)
    ids = [post_id(number) for number in (9, 8, 7, 6, 5)]
    shown = {one: hydrated(one, user_id=BEN, is_archived=not hidden["is_archived"]) for one in ids}
    shown[ids[2]] = replace(shown[ids[2]], post=replace(shown[ids[2]].post, **hidden))

    def page(user_id: str, after: str | None, limit: int) -> Slice[str]:
        rest = [one for one in ids if after is None or one < after]
        return Slice(rest[:limit], rest[limit - 1] if len(rest) > limit else None)

    monkeypatch.setattr(graph, "seen_profile", lambda viewer_id, user_id: None)
    monkeypatch.setattr(service, skeleton, page)
    monkeypatch.setattr(service, "hydrate", lambda viewer_id, wanted: [shown[one] for one in wanted])

    # When Ben reads it in pages of two
    _, first = send("GET", path, limit="2")
    _, second = send("GET", path, limit="2", cursor=first["nextCursor"])

    # Then he finds the four others, once each, in order
    found = [item["postId"] for page in (first, second) for item in page["items"]]
    assert found == [ids[0], ids[1], ids[3], ids[4]]
    assert second["nextCursor"] is None


def test_saved_posts_are_paged_in_their_own_order(monkeypatch: pytest.MonkeyPatch, send: Send) -> None:
    # Given three saved posts, of which the second can no longer be seen
    ids = [post_id(number) for number in (7, 9, 8)]
    shown = {one: hydrated(one) for one in ids}
    shown[ids[1]] = hydrated(ids[1], audience="closeFriends")

    def page(user_id: str, after: str | None, limit: int) -> Slice[str]:
        start = 0 if after is None else ids.index(after) + 1
        return Slice(ids[start : start + limit], ids[start] if start + limit < len(ids) else None)

    monkeypatch.setattr(saves, "saved_by", page)
    monkeypatch.setattr(service, "hydrate", lambda viewer_id, wanted: [shown[one] for one in wanted])

    # When Ben reads them one by one
    _, first = send("GET", "/v1/users/me/saved", limit="1")
    _, second = send("GET", "/v1/users/me/saved", limit="1", cursor=first["nextCursor"])

    # Then he finds the two others
    assert [item["postId"] for item in (*first["items"], *second["items"])] == [ids[0], ids[2]]
    assert second["nextCursor"] is None


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "51"}, {"limit": "x"}])
def test_a_page_has_one_to_fifty_items(monkeypatch: pytest.MonkeyPatch, send: Send, query: dict[str, str]) -> None:
    assert send("GET", "/v1/users/me/archive", **query)[0] == 422


# --- Likes and comments ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [7, None])
@pytest.mark.parametrize(
    ("route", "use_case", "liked"),
    [
        (("PUT", f"/v1/posts/{POST}/like"), "like", True),
        (("DELETE", f"/v1/posts/{POST}/like"), "unlike", False),
        (("PUT", f"/v1/comments/{POST}/like"), "like_comment", True),
        (("DELETE", f"/v1/comments/{POST}/like"), "unlike_comment", False),
    ],
)
def test_a_like_answers_with_the_count(
    monkeypatch: pytest.MonkeyPatch,
    send: Send,
    route: tuple[str, str],
    use_case: str,
    *,
    liked: bool,
    count: int | None,
) -> None:
    calls = recorded(monkeypatch, conversation, use_case, count)

    assert send(*route) == (200, {"liked": liked, "likeCount": count})
    assert calls == [(BEN, POST)]


@pytest.mark.parametrize(("viewer_id", "count"), [(BEN, None), (ANNA, 2)])
def test_hidden_likes_are_shown_to_the_author(
    monkeypatch: pytest.MonkeyPatch, send: Send, viewer_id: str, count: int | None
) -> None:
    recorded(monkeypatch, service, "read", hydrated(viewer_id=viewer_id, likes_hidden=True, like_count=2))

    _, shown = send("GET", f"/v1/posts/{POST}")

    assert (shown["likesHidden"], shown["likeCount"]) == (True, count)


def test_likers_of_a_post_are_listed(monkeypatch: pytest.MonkeyPatch, send: Send) -> None:
    recorded(monkeypatch, conversation, "likers", lambda position, count: Slice([ANNA], None))
    people = [Person(profile(ANNA), hydrated().viewer)]
    monkeypatch.setattr(graph, "hydrate_people", lambda viewer_id, ids: people if ids == [ANNA] else [])

    _, page = send("GET", f"/v1/posts/{POST}/likes")

    assert [person["userId"] for person in page["items"]] == [ANNA]


def test_a_comment_is_written_and_shown(monkeypatch: pytest.MonkeyPatch, send: Send) -> None:
    calls = recorded(monkeypatch, conversation, "add", SEEN_COMMENT)

    status, shown = send("POST", f"/v1/posts/{POST}/comments", {"content": " What a light! "})

    assert calls == [(BEN, POST, "What a light!", None)]
    assert status == 201
    assert shown["author"]["username"] == "ben"
    assert {name: shown[name] for name in shown if name != "author"} == {
        "commentId": COMMENT,
        "postId": POST,
        "content": "What a light!",
        "createdAt": "2026-11-22T12:00:00.000Z",
        "isEdited": False,
        "parentCommentId": None,
        "mentionedUsers": [],
        "likeCount": 3,
        "replyCount": 1,
        "isPinned": True,
        "viewer": {"liked": True},
    }


@pytest.mark.parametrize(
    ("method", "path"), [("POST", f"/v1/posts/{POST}/comments"), ("PATCH", f"/v1/comments/{COMMENT}")]
)
@pytest.mark.parametrize("content", ["", "   ", "x" * 1001, 7])
def test_a_comment_has_one_to_a_thousand_characters(send: Send, method: str, path: str, content: Any) -> None:
    status, problem = send(method, path, {"content": content})

    assert status == 422
    assert problem["errors"][0]["field"] == "content"


def test_a_comment_is_edited(monkeypatch: pytest.MonkeyPatch, send: Send) -> None:
    calls = recorded(monkeypatch, conversation, "edit", SEEN_COMMENT)

    assert send("PATCH", f"/v1/comments/{COMMENT}", {"content": "What light!"})[0] == 200
    assert calls == [(BEN, COMMENT, "What light!")]


@pytest.mark.parametrize("path", [f"/v1/posts/{POST}/comments", f"/v1/comments/{COMMENT}/replies"])
def test_comments_of_blocked_people_are_omitted(monkeypatch: pytest.MonkeyPatch, send: Send, path: str) -> None:
    theirs = replace(
        SEEN_COMMENT,
        comment=replace(SEEN_COMMENT.comment, comment_id="other", user_id=ANNA),
        author=profile(ANNA),
        viewer=hydrated(relationship=graph.Relationship(blocked_by=True)).viewer,
    )
    both = Slice([SEEN_COMMENT.comment, theirs.comment], None)
    recorded(monkeypatch, service, "see", hydrated())
    recorded(monkeypatch, conversation, "see", SEEN_COMMENT)
    recorded(monkeypatch, comments, "thread", both)
    recorded(monkeypatch, conversation, "hydrate", [SEEN_COMMENT, theirs])

    _, page = send("GET", path)

    assert [item["commentId"] for item in page["items"]] == [COMMENT]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/v1/posts", {}),
        ("GET", f"/v1/posts/{POST}", None),
        ("PATCH", f"/v1/posts/{POST}", {}),
        ("DELETE", f"/v1/posts/{POST}", None),
        ("PUT", f"/v1/posts/{POST}/like", None),
        ("GET", f"/v1/posts/{POST}/likes", None),
        ("GET", f"/v1/posts/{POST}/comments", None),
        ("GET", f"/v1/users/{ANNA}/posts", None),
        ("GET", "/v1/users/me/archive", None),
        ("PUT", f"/v1/posts/{POST}/save", None),
        ("GET", "/v1/users/me/saved", None),
    ],
)
def test_every_route_requires_a_token(context: Any, method: str, path: str, body: Any) -> None:
    assert handler(request(method, path, body), context)["statusCode"] == 401
