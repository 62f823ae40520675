"""The whole path, in order, over HTTP: two people meet, one posts a photo, the other finds it, things are forgotten.

Each test is the next chapter and stands on those before it. Waiting is on effects, with deadlines.
"""

import io
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from PIL import Image

from local.client import Client, wait_until
from local.clouds.emulator import Feature
from local.instance import NAMESPACE, Endpoints
from tests.running import PASSWORD, cloud_under_test

pytestmark = pytest.mark.reference

DATA = Path(__file__).parents[1] / "data"
FORMS = [(name, kind) for name in ("w1080", "w640", "w320", "thumb") for kind in ("image/jpeg", "image/webp")]
DAY_SECONDS = 24 * 3600
GPS_IFD = 0x8825
ORIENTATION = 0x0112


@dataclass
class Story:
    """What the chapters hand on to one another."""

    ada: Client
    bob: Client
    tag: str
    posts: dict[str, str] = field(default_factory=dict)
    media: dict[str, str] = field(default_factory=dict)
    story_id: str = ""

    def name(self, client: Client) -> str:
        return str(client.get("/users/me")["username"])


@pytest.fixture(scope="module")
def story(join: Callable[[str], Client]) -> Story:
    return Story(join("ada"), join("bob"), f"coast{time.time_ns()}")


@pytest.fixture(scope="module")
def photo() -> bytes:
    """A 12-megapixel JPEG of a real photograph, lying on its side, with GPS in its EXIF."""
    with Image.open(DATA / "sunset.jpg") as source:
        picture = source.convert("RGB").resize((4000, 3000), Image.Resampling.BICUBIC)
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    exif.get_ifd(GPS_IFD)[1] = "N"
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=90, exif=exif)
    return file.getvalue()


def ready(client: Client, media_id: str) -> dict[str, Any]:
    def decided() -> dict[str, Any] | None:
        media = client.get(f"/media/{media_id}")
        return media if media["status"] in ("ready", "rejected") else None

    return wait_until(decided, what=f"the verdict on {media_id}")


def published(client: Client, post_id: str) -> dict[str, Any]:
    def decided() -> dict[str, Any] | None:
        post = client.get(f"/posts/{post_id}")
        return post if post["status"] != "processing" else None

    return wait_until(decided, what=f"the publication of {post_id}")


def feed_ids(client: Client, **params: str) -> list[str]:
    return [post["postId"] for post in client.items("/feed", **params)]


# --- 1: two people --------------------------------------------------------------------------------------------------


def test_refresh_renews_session_and_reused_refresh_token_ends_it(story: Story, connect: Callable[[], Client]) -> None:
    session = connect().sign_in(story.name(story.ada), PASSWORD)
    other = connect()
    renewed = other.request("POST", "/auth/refresh", {"refreshToken": session.refresh_token})
    assert renewed.status_code == 200
    assert renewed.json()["refreshToken"] != session.refresh_token
    reused = other.request("POST", "/auth/refresh", {"refreshToken": session.refresh_token})
    assert reused.status_code == 401
    revoked = other.request("POST", "/auth/refresh", {"refreshToken": renewed.json()["refreshToken"]})
    assert revoked.status_code == 401
    assert story.ada.request("GET", "/users/me").status_code == 200, "another device keeps its session"


def test_access_token_verifies_with_published_keys(story: Story, connect: Callable[[], Client]) -> None:
    assert story.ada.session is not None
    token = story.ada.session.access_token
    answer = connect().request("GET", "/.well-known/jwks.json")
    assert "public" in answer.headers["Cache-Control"]
    key = jwt.PyJWKSet.from_dict(answer.json())[jwt.get_unverified_header(token)["kid"]]
    claims = jwt.decode(token, key.key, algorithms=["ES256"], options={"require": ["exp", "iss"]})
    assert claims["sub"] == story.ada.user_id
    assert claims["exp"] - claims["iat"] == 15 * 60


@pytest.mark.parametrize("login", ["nobody.at.all", "ada@nowhere.example"])
def test_wrong_password_and_unknown_login_look_the_same(
    story: Story, connect: Callable[[], Client], login: str
) -> None:
    unknown = connect().request("POST", "/auth/sign-in", {"login": login, "password": PASSWORD})
    wrong = connect().request("POST", "/auth/sign-in", {"login": story.name(story.ada), "password": "not it at all"})
    assert unknown.status_code == wrong.status_code == 401
    assert unknown.json()["detail"] == wrong.json()["detail"]


def test_username_is_unique_in_any_case(story: Story, connect: Callable[[], Client]) -> None:
    body = {"username": story.name(story.ada).upper(), "email": "other@heliograph.example", "password": PASSWORD}
    assert connect().request("POST", "/auth/sign-up", body).status_code == 409


def test_idempotency_key_replays_same_body_and_refuses_another(connect: Callable[[], Client]) -> None:
    name = f"cleo.{time.time_ns()}"
    key = {"Idempotency-Key": name}
    body = {"username": name, "email": f"{name}@heliograph.example", "password": PASSWORD}
    first, again = (connect().request("POST", "/auth/sign-up", body, headers=key) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    changed = connect().request("POST", "/auth/sign-up", body | {"fullName": "C"}, headers=key)
    assert changed.status_code == 409


# --- 2: one follows the other ---------------------------------------------------------------------------------------


def test_repeated_follow_counts_once(story: Story) -> None:
    for _ in range(3):
        assert story.bob.put(f"/users/{story.ada.user_id}/follow") == {"state": "following"}

    def counted() -> bool:
        ada, bob = story.bob.get(f"/users/{story.ada.user_id}"), story.bob.get("/users/me")
        return (ada["followerCount"], bob["followingCount"]) == (1, 1)

    wait_until(counted, what="both counts")
    profile = story.bob.get(f"/users/by-username/{story.name(story.ada)}")
    assert profile["viewer"]["following"] == "yes"
    followers = story.ada.get(f"/users/{story.ada.user_id}/followers")
    assert [person["userId"] for person in followers["items"]] == [story.bob.user_id]


# --- 3 and 4: a photograph ------------------------------------------------------------------------------------------


def test_upload_form_refuses_what_was_not_announced(story: Story, photo: bytes) -> None:
    small = story.ada.request_upload(len(photo) - 1)["upload"]
    too_large = story.ada.send_to_form(small, photo)
    assert (too_large.status_code, "EntityTooLarge" in too_large.text) == (400, True)
    form = story.ada.request_upload(len(photo))["upload"]
    form["fields"]["Content-Type"] = "text/html"
    assert story.ada.send_to_form(form, photo).status_code == 403
    form["fields"] |= {"Content-Type": "image/jpeg", "key": "uploads/somebody-elses"}
    assert story.ada.send_to_form(form, photo).status_code == 403


def test_photo_becomes_eight_upright_renditions_without_metadata(story: Story, photo: bytes) -> None:
    media_id = story.ada.upload(photo)
    story.media["first"] = media_id
    media = ready(story.ada, media_id)
    assert media["status"] == "ready"
    assert (media["width"], media["height"]) == (3000, 4000)
    assert len(media["placeholder"]) > 20
    assert media["dominantColor"][0] == "#"
    assert sorted((item["name"], item["contentType"]) for item in media["renditions"]) == sorted(FORMS)
    for item in media["renditions"]:
        picture = fetched(item)
        assert picture.size == (item["width"], item["height"])
        assert not picture.getexif()
        assert "exif" not in picture.info
        expected = (150, 150) if item["name"] == "thumb" else (int(item["name"][1:]), int(item["name"][1:]) * 4 // 3)
        assert picture.size == (expected[0], pytest.approx(expected[1], abs=1))
        assert picture.mode == "RGB"
        assert "icc_profile" not in picture.info


def fetched(rendition: dict[str, Any]) -> Image.Image:
    answer = httpx.get(rendition["url"], trust_env=False)
    assert answer.status_code == 200, answer.text[:200]
    assert answer.headers["Content-Type"] == rendition["contentType"]
    assert len(answer.content) == rendition["bytes"]
    return Image.open(io.BytesIO(answer.content))


def test_media_of_other_people_are_not_found(story: Story) -> None:
    assert story.bob.request("GET", f"/media/{story.media['first']}").status_code == 404


# --- 5: posts -------------------------------------------------------------------------------------------------------


def test_post_with_ready_media_is_published_at_once(story: Story) -> None:
    caption = f"The coast at dusk #{story.tag} with @{story.name(story.bob)}"
    place = {"name": "Gorbeia", "lat": 43.035, "lon": -2.78}
    post = story.ada.create_post([story.media["first"]], caption=caption, location=place)
    assert post["status"] == "published"
    assert post["hashtags"] == [story.tag]
    assert [person["userId"] for person in post["mentionedUsers"]] == [story.bob.user_id]
    assert post["location"] == place
    assert post["mediaType"] == "image"
    story.posts["first"] = post["postId"]


def test_post_before_its_upload_is_published_after_it(story: Story, photo: bytes) -> None:
    asked = story.ada.request_upload(len(photo))
    post = story.ada.create_post([asked["mediaId"]], caption=f"Soon #{story.tag}")
    assert post["status"] == "processing"
    assert story.bob.request("GET", f"/posts/{post['postId']}").status_code == 404
    assert story.ada.send_to_form(asked["upload"], photo).is_success
    assert published(story.ada, post["postId"])["status"] == "published"
    story.posts["second"] = post["postId"]


def test_media_cannot_be_posted_twice(story: Story) -> None:
    body = {"media": [{"mediaId": story.media["first"]}]}
    assert story.ada.request("POST", "/posts", body).status_code == 409
    assert story.bob.request("POST", "/posts", body).status_code == 404


# --- 6: the feed ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", ["ranked", "latest"])
def test_feed_of_follower_shows_both_posts(story: Story, order: str) -> None:
    wanted = [story.posts["second"], story.posts["first"]]
    wait_until(lambda: set(wanted) <= set(feed_ids(story.bob, order=order)), what="both posts in the feed")
    assert feed_ids(story.bob, order=order) == wanted
    first = story.bob.get("/feed", order=order, limit=1)
    second = story.bob.get("/feed", order=order, limit=1, cursor=first["nextCursor"])
    assert [page["items"][0]["postId"] for page in (first, second)] == wanted
    post = first["items"][0]
    assert post["author"]["userId"] == story.ada.user_id
    assert post["viewer"] == {"liked": False, "saved": False}
    fetched(post["media"][0]["renditions"][0])


def test_changed_or_foreign_cursor_is_refused(story: Story) -> None:
    cursor = story.bob.get("/feed", limit=1)["nextCursor"]
    changed = cursor[:-1] + ("A" if cursor[-1] != "A" else "B")
    for client, given in ((story.bob, changed), (story.ada, cursor)):
        answer = client.request("GET", "/feed", params={"cursor": given})
        assert (answer.status_code, answer.json()["title"]) == (400, "Malformed request")


def test_unchanged_post_is_not_sent_again(story: Story) -> None:
    path = f"/posts/{story.posts['first']}"
    etag = story.bob.request("GET", path).headers["ETag"]
    assert story.bob.request("GET", path, headers={"If-None-Match": etag}).status_code == 304


# --- 7: search ------------------------------------------------------------------------------------------------------


def found(client: Client, kind: str, query: str, key: str) -> Callable[[], list[str]]:
    return lambda: [item[key] for item in client.get("/search", type=kind, q=query)["items"]]


def test_search_finds_author_hashtag_and_post(story: Story) -> None:
    name = story.name(story.ada)
    wait_until(lambda: story.ada.user_id in found(story.bob, "users", name, "userId")(), what="the author")
    wait_until(lambda: story.tag in found(story.bob, "hashtags", story.tag, "hashtag")(), what="the hashtag")
    wait_until(lambda: story.posts["first"] in found(story.bob, "posts", story.tag, "postId")(), what="the post")
    wait_until(
        lambda: story.tag[:-3] in json.dumps(story.bob.get("/search/suggest", q=story.tag[:-3])), what="a suggestion"
    )
    wait_until(lambda: story.bob.get(f"/hashtags/{story.tag}")["postCount"] == 2, what="the hashtag's count")
    tagged = story.bob.get(f"/hashtags/{story.tag}/posts", sort="recent")
    assert [post["postId"] for post in tagged["items"]] == [story.posts["second"], story.posts["first"]]


# --- 8: likes, comments, and forgetting -----------------------------------------------------------------------------


def test_likes_and_comments_are_counted_exactly(story: Story) -> None:
    path = f"/posts/{story.posts['first']}"
    for _ in range(3):
        assert story.bob.put(f"{path}/like")["liked"] is True
    comment = story.bob.post(f"{path}/comments", {"content": "What a light!"}, key="the comment")
    again = story.bob.post(f"{path}/comments", {"content": "What a light!"}, key="the comment")
    assert comment["commentId"] == again["commentId"]
    reply = story.ada.post(f"{path}/comments", {"content": "Thanks!", "parentCommentId": comment["commentId"]})

    def counts() -> tuple[int, int]:
        post = story.ada.get(path)
        return post["likeCount"], post["commentCount"]

    wait_until(lambda: counts() == (1, 2), what="one like and two comments")
    assert [person["userId"] for person in story.ada.get(f"{path}/likes")["items"]] == [story.bob.user_id]
    assert story.bob.get(path)["viewer"]["liked"] is True
    seen = wait_until(lambda: story.ada.get(f"{path}/comments")["items"], what="the comment in the list")
    assert [item["content"] for item in seen] == ["What a light!"]
    replies = wait_until(lambda: story.bob.get(f"/comments/{comment['commentId']}/replies")["items"], what="the reply")
    assert [item["commentId"] for item in replies] == [reply["commentId"]]

    for _ in range(2):
        assert story.bob.request("DELETE", f"{path}/like").json()["liked"] is False
    edited = story.bob.patch(f"/comments/{comment['commentId']}", {"content": "What light!"})
    assert (edited["content"], edited["isEdited"]) == ("What light!", True)
    assert story.bob.request("DELETE", f"/comments/{comment['commentId']}").status_code == 204
    wait_until(lambda: counts() == (0, 0), what="nothing left to count")
    wait_until(lambda: story.ada.get(f"{path}/comments")["items"] == [], what="an empty thread")


def test_deleted_post_disappears_everywhere(story: Story, endpoints: Endpoints) -> None:
    post_id = story.posts.pop("first")
    urls = [item["url"] for item in story.bob.get(f"/posts/{post_id}")["media"][0]["renditions"]]
    assert story.bob.request("DELETE", f"/posts/{post_id}").status_code == 403
    assert story.ada.request("DELETE", f"/posts/{post_id}").status_code == 204
    assert story.bob.request("GET", f"/posts/{post_id}").status_code == 404
    assert post_id not in feed_ids(story.bob)
    wait_until(lambda: post_id not in found(story.bob, "posts", story.tag, "postId")(), what="the search to forget")
    wait_until(lambda: story.bob.get(f"/hashtags/{story.tag}")["postCount"] == 1, what="the hashtag to forget")
    wait_until(lambda: story.bob.get(f"/users/{story.ada.user_id}")["postCount"] == 1, what="the author's count")
    wait_until(lambda: all(httpx.get(url, trust_env=False).status_code >= 400 for url in urls), what="the pictures")
    media = f"/media/{story.media['first']}"
    wait_until(lambda: story.ada.request("GET", media).status_code == 404, what="the item, which goes last")
    index = f"{endpoints.search_url}/{NAMESPACE}-posts/_doc/{post_id}"
    wait_until(lambda: httpx.get(index, trust_env=False).status_code == 404, what="the index to forget")


# --- 9: a story -----------------------------------------------------------------------------------------------------


def test_story_lasts_a_day_and_counts_views(story: Story, photo: bytes) -> None:
    media_id = story.ada.upload(photo, purpose="story")
    ready(story.ada, media_id)
    told = story.ada.post("/stories", {"mediaId": media_id, "caption": "Right now"})
    story.story_id = told["storyId"]
    assert seconds_between(told["createdAt"], told["expiresAt"]) == DAY_SECONDS
    tray = story.bob.get("/stories")["items"]
    assert [(entry["author"]["userId"], entry["allSeen"]) for entry in tray] == [(story.ada.user_id, False)]
    assert story.bob.request("PUT", f"/stories/{story.story_id}/view").status_code == 204
    assert story.bob.get("/stories")["items"][0]["allSeen"] is True
    viewers = story.ada.get(f"/stories/{story.story_id}/viewers")["items"]
    assert [viewer["userId"] for viewer in viewers] == [story.bob.user_id]
    assert story.bob.request("GET", f"/stories/{story.story_id}/viewers").status_code in (403, 404)
    wait_until(lambda: story.ada.get(f"/stories/{story.story_id}")["viewCount"] == 1, what="the view counted")


@pytest.mark.needs(Feature.DEPLOYMENT)
def test_table_of_stories_lets_them_expire(aws: Callable[[str], Any]) -> None:
    ttl = aws("dynamodb").describe_time_to_live(TableName=f"{NAMESPACE}-stories")["TimeToLiveDescription"]
    assert (ttl["TimeToLiveStatus"], ttl["AttributeName"]) == ("ENABLED", "expiresAt")


def seconds_between(start: str, end: str) -> float:
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()


def test_expired_story_is_hidden_while_still_in_the_table(story: Story, aws: Callable[[str], Any]) -> None:
    # Given a story whose time is over (AWS takes up to days to delete it, and this cloud may never do it)
    stories = f"{NAMESPACE}-stories"
    key = {"storyId": {"S": story.story_id}}
    aws("dynamodb").update_item(
        TableName=stories,
        Key=key,
        UpdateExpression="SET expiresAt = :past",
        ExpressionAttributeValues={":past": {"N": str(int(time.time()) - 1)}},
    )
    # Then nobody finds it, not even its author
    for client in (story.bob, story.ada):
        assert client.request("GET", f"/stories/{story.story_id}").status_code == 404
        assert client.get(f"/users/{story.ada.user_id}/stories")["items"] == []
        assert client.request("PUT", f"/stories/{story.story_id}/view").status_code == 404
    assert story.bob.get("/stories")["items"] == []
    if Feature.EXPIRY not in cloud_under_test().offers:
        assert "Item" in aws("dynamodb").get_item(TableName=stories, Key=key)


# --- Rejections -----------------------------------------------------------------------------------------------------


def bomb() -> bytes:
    """A PNG of 196 megapixels in a few hundred kilobytes."""
    file = io.BytesIO()
    Image.new("1", (14_000, 14_000)).save(file, "PNG")
    return file.getvalue()


def hostile() -> Iterator[tuple[str, bytes, str]]:
    sunset = (DATA / "sunset.jpg").read_bytes()
    yield "image/jpeg", b"this is not a photograph, whatever it is called", "unsupportedFormat"
    yield "image/jpeg", sunset[: len(sunset) // 2], "corrupt"
    yield "image/png", bomb(), "tooManyPixels"


@pytest.mark.parametrize(("content_type", "content", "reason"), list(hostile()), ids=["text", "truncated", "bomb"])
def test_bad_upload_is_rejected_with_a_reason_and_its_post_fails(
    story: Story, content_type: str, content: bytes, reason: str
) -> None:
    asked = story.ada.request_upload(len(content), content_type)
    post = story.ada.create_post([asked["mediaId"]], caption="This will not do")
    assert story.ada.send_to_form(asked["upload"], content).is_success
    media = ready(story.ada, asked["mediaId"])
    assert (media["status"], media["reason"], media["renditions"]) == ("rejected", reason, [])
    failed = published(story.ada, post["postId"])
    assert (failed["status"], failed["failureReason"]) == ("failed", reason)
    assert story.bob.request("GET", f"/posts/{post['postId']}").status_code == 404
    assert post["postId"] not in feed_ids(story.bob)
    assert story.ada.request("DELETE", f"/posts/{post['postId']}").status_code == 204
