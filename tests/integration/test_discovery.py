"""Search and hashtags over HTTP: what is found, by whom, and for how long."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from local.client import Client, wait_until
from tests.integration.behind import PHOTO


@dataclass(frozen=True)
class Scene:
    """Two people, and a hashtag that nobody else uses."""

    lena: Client
    max: Client
    tag: str

    def post(self, caption: str) -> str:
        return str(self.lena.create_post([self.lena.upload(PHOTO)], caption=caption)["postId"])


@pytest.fixture
def scene(join: Callable[[str], Client]) -> Scene:
    return Scene(join("lena"), join("max"), f"dune{time.time_ns()}")


def path_of(client: Client) -> str:
    return f"/users/{client.user_id}"


def tagged(client: Client, tag: str, sort: str = "recent") -> list[str]:
    return [post["postId"] for post in client.items(f"/hashtags/{tag}/posts", sort=sort)]


def found_posts(client: Client, query: str) -> list[str]:
    return [post["postId"] for post in client.items("/search", type="posts", q=query)]


def test_edited_caption_moves_post_to_new_hashtag(scene: Scene) -> None:
    post_id = scene.post(f"#{scene.tag}")
    wait_until(lambda: tagged(scene.max, scene.tag) == [post_id], what="the post under its hashtag")
    scene.lena.patch(f"/posts/{post_id}", {"caption": f"#{scene.tag}moved"})
    wait_until(lambda: tagged(scene.max, f"{scene.tag}moved") == [post_id], what="the post under the new hashtag")
    wait_until(lambda: tagged(scene.max, scene.tag) == [], what="the old hashtag to forget")
    wait_until(lambda: scene.max.get(f"/hashtags/{scene.tag}")["postCount"] == 0, what="the old count")
    wait_until(lambda: found_posts(scene.max, f"{scene.tag}moved") == [post_id], what="the search to follow")


def test_archived_post_is_not_found_until_restored(scene: Scene) -> None:
    post_id = scene.post(f"#{scene.tag}")
    wait_until(lambda: found_posts(scene.max, scene.tag) == [post_id], what="the post")
    scene.lena.put(f"/posts/{post_id}/archive")
    assert found_posts(scene.max, scene.tag) == tagged(scene.max, scene.tag) == []
    scene.lena.delete(f"/posts/{post_id}/archive")
    wait_until(lambda: found_posts(scene.max, scene.tag) == [post_id], what="the post again")
    wait_until(lambda: tagged(scene.max, scene.tag) == [post_id], what="the post under its hashtag again")


def test_top_posts_begin_with_the_most_liked(scene: Scene) -> None:
    first, second = scene.post(f"one #{scene.tag}"), scene.post(f"two #{scene.tag}")
    wait_until(lambda: tagged(scene.max, scene.tag) == [second, first], what="both, the newer one first")
    assert tagged(scene.max, scene.tag, "top") == [second, first]
    scene.max.put(f"/posts/{first}/like")
    wait_until(lambda: tagged(scene.max, scene.tag, "top") == [first, second], what="both, the liked one first")


def test_posts_of_private_account_are_found_by_followers_only(scene: Scene) -> None:
    scene.lena.patch("/users/me", {"isPrivate": True})
    post_id = scene.post(f"#{scene.tag}")
    wait_until(lambda: tagged(scene.lena, scene.tag) == [post_id], what="the post under its hashtag, for its author")
    assert tagged(scene.max, scene.tag) == found_posts(scene.max, scene.tag) == []
    scene.max.put(f"{path_of(scene.lena)}/follow")
    scene.lena.put(f"/follow-requests/{path_of(scene.max).removeprefix('/users/')}")
    wait_until(lambda: tagged(scene.max, scene.tag) == [post_id], what="the following to show")


def test_blocker_is_not_found_by_the_blocked(scene: Scene) -> None:
    name = scene.lena.get("/users/me")["username"]

    def found() -> list[str]:
        return [user["username"] for user in scene.max.get("/search", q=name)["items"]]

    wait_until(lambda: name in found(), what="the person")
    assert [item["text"] for item in scene.max.get("/search/suggest", q=f"@{name}")["items"]] == [name]
    scene.lena.put(f"{path_of(scene.max)}/block")
    wait_until(lambda: name not in found(), what="the block to show")
    assert scene.max.get("/search/suggest", q=f"@{name}")["items"] == []


def test_renamed_user_is_found_by_the_new_name(scene: Scene) -> None:
    scene.lena.patch("/users/me", {"fullName": f"Zoë {scene.tag}"})
    wait_until(lambda: scene.max.get("/search", q=f"zoe {scene.tag}")["items"], what="the new name")


def test_search_puts_followed_people_first(scene: Scene, join: Callable[[str], Client]) -> None:
    # given two of the same name, the second of whom is followed
    name = f"Zita {scene.tag}"
    first, second = sorted((scene.lena, join("nora")), key=lambda client: client.user_id)
    for client in (first, second):
        client.patch("/users/me", {"fullName": name})
    scene.max.put(f"{path_of(second)}/follow")

    def found(kind: str = "") -> list[str]:
        if kind:
            items = scene.max.get("/search/suggest", q=name)["items"]
            return [item["user"]["userId"] for item in items if item["type"] == "user"]
        return [user["userId"] for user in scene.max.get("/search", q=name)["items"]]

    # then
    wait_until(lambda: found() == [second.user_id, first.user_id], what="the followed one first")
    assert found("suggest") == [second.user_id, first.user_id]


def test_post_is_found_by_words_emoji_and_author_name(scene: Scene) -> None:
    name = scene.lena.get("/users/me")["username"]
    post_id = scene.post(f"東京の夕焼け 🌋 two cats, {scene.tag}")
    wait_until(lambda: found_posts(scene.max, scene.tag) == [post_id], what="the post")
    for typed in ("夕焼け", "🌋", "cat", name):
        assert found_posts(scene.max, f"{typed} {scene.tag}") == [post_id], typed
    assert found_posts(scene.max, f"京東 {scene.tag}") == []


def test_deleted_post_is_not_found_at_once(scene: Scene) -> None:
    post_id = scene.post(f"#{scene.tag}")
    wait_until(lambda: found_posts(scene.max, scene.tag) == [post_id], what="the post")
    scene.lena.delete(f"/posts/{post_id}")
    assert found_posts(scene.max, scene.tag) == []


def test_answers_from_the_index_are_not_degraded(scene: Scene) -> None:
    for kind in ("users", "hashtags", "posts", "places"):
        assert scene.max.get("/search", q=scene.tag, type=kind)["degraded"] is False
    assert scene.max.get("/search/suggest", q=scene.tag)["degraded"] is False
