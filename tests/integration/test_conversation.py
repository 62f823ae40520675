"""Saving, talking and sharing over HTTP: what one does is seen by whom it should be, and by nobody else."""

from collections.abc import Callable
from dataclasses import dataclass

import httpx
import pytest

from local.client import Client, wait_until
from local.instance import Endpoints
from tests.integration.test_posts import publish


@dataclass
class People:
    cleo: Client
    dan: Client


@pytest.fixture(scope="module")
def people(join: Callable[[str], Client]) -> People:
    return People(join("cleo"), join("dan"))


def browse(url: str) -> httpx.Response:
    """As somebody without an account."""
    return httpx.get(url, trust_env=False, timeout=30)


def status(client: Client, method: str, path: str, **body: object) -> int:
    return client.request(method, path, json=body or None).status_code


def test_saved_post_is_listed_until_it_is_deleted(people: People) -> None:
    # given
    first, second = publish(people.cleo), publish(people.cleo)
    # when
    for post_id in (second, first, second):
        people.dan.put(f"/posts/{post_id}/save")
    # then
    assert [post["postId"] for post in people.dan.items("/users/me/saved", limit=1)] == [first, second]
    assert people.dan.get(f"/posts/{first}")["viewer"] == {"liked": False, "saved": True}
    assert people.cleo.get(f"/posts/{first}")["viewer"]["saved"] is False
    assert list(people.cleo.items("/users/me/saved")) == []
    # and when one is taken off the list, and the other is deleted
    people.dan.delete(f"/posts/{second}/save")
    people.cleo.delete(f"/posts/{first}")
    assert list(people.dan.items("/users/me/saved")) == []


def test_comment_can_be_liked_answered_and_pinned(people: People) -> None:
    # given three comments, of which the first is liked, answered and pinned
    post_id = publish(people.cleo)
    path = f"/posts/{post_id}/comments"
    name = people.cleo.get("/users/me")["username"]
    written = [people.dan.post(path, {"content": f"@{name}, number {number}"}) for number in range(3)]
    first = written[0]["commentId"]
    assert [one["userId"] for one in written[0]["mentionedUsers"]] == [people.cleo.user_id]
    assert people.cleo.put(f"/comments/{first}/like") == {"liked": True, "likeCount": 1}
    people.cleo.post(path, {"content": "Thanks", "parentCommentId": first})
    people.cleo.put(f"/comments/{first}/pin")
    # then it comes first, and its counts arrive
    shown = list(people.cleo.items(path, limit=2))
    assert [one["commentId"] for one in shown] == [first, written[2]["commentId"], written[1]["commentId"]]
    assert [(one["isPinned"], one["viewer"]["liked"]) for one in shown] == [
        (True, True),
        (False, False),
        (False, False),
    ]

    def counts() -> tuple[int, int]:
        one = next(people.dan.items(path))
        return one["likeCount"], one["replyCount"]

    wait_until(lambda: counts() == (1, 1), what="the counts on the comment")
    assert status(people.dan, "PUT", f"/comments/{first}/pin") == 403
    # and when it is deleted, it makes room
    people.dan.delete(f"/comments/{first}")
    assert first not in [one["commentId"] for one in people.cleo.items(path)]


def test_author_turns_off_comments_and_hides_likes(people: People) -> None:
    # given
    post_id = publish(people.cleo)
    people.dan.put(f"/posts/{post_id}/like")
    # when
    people.cleo.patch(f"/posts/{post_id}", {"commentsOff": True, "likesHidden": True})
    # then
    assert status(people.dan, "POST", f"/posts/{post_id}/comments", content="Too late") == 403
    assert people.dan.get(f"/posts/{post_id}")["likeCount"] is None
    assert people.dan.put(f"/posts/{post_id}/like") == {"liked": True, "likeCount": None}
    assert status(people.dan, "GET", f"/posts/{post_id}/likes") == 403
    assert people.cleo.put(f"/posts/{post_id}/like")["likeCount"] == 2
    assert status(people.dan, "PATCH", f"/posts/{post_id}", commentsOff=False) == 403


def test_share_link_opens_for_everyone_while_post_is_public(people: People, endpoints: Endpoints) -> None:
    # given
    post_id = publish(people.cleo, caption="<b>Dusk</b> & dawn")
    url = people.dan.get(f"/posts/{post_id}/share-link")["url"]
    site = endpoints.api_url.removesuffix("/v1")
    # then somebody without an account sees the page, the picture, and how to embed it
    page = browse(url)
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "&lt;b&gt;Dusk&lt;/b&gt; &amp; dawn" in page.text
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    picture = browse(f"{url}/thumb")
    assert picture.status_code == 302
    assert browse(picture.headers["Location"]).headers["Content-Type"] == "image/jpeg"
    embedded = httpx.get(f"{site}/oembed", params={"url": url}, trust_env=False).json()
    assert (embedded["type"], embedded["url"].rpartition("/")[0]) == ("photo", url)
    # and nothing of it once it is put away, and again when it is back
    missing = browse(f"{site}/p/{'A' * 22}")
    people.cleo.put(f"/posts/{post_id}/archive")
    hidden = browse(url)
    assert (hidden.status_code, hidden.text) == (404, missing.text)
    assert browse(f"{url}/thumb").status_code == 404
    people.cleo.delete(f"/posts/{post_id}/archive")
    assert browse(url).status_code == 200
    # and when the account is private
    people.cleo.patch("/users/me", {"isPrivate": True})
    assert browse(url).status_code == 404
    people.cleo.patch("/users/me", {"isPrivate": False})
