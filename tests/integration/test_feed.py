"""The home feed over HTTP: what comes in, what stays out, and that pages neither repeat nor lose a post."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from local.client import Client, wait_until
from tests.integration.behind import PHOTO

POSTS = 7


@dataclass(frozen=True)
class Scene:
    """An author with posts, newest first, and a follower who has received them."""

    author: Client
    follower: Client
    posts: list[str]

    @property
    def author_path(self) -> str:
        return f"/users/{self.author.user_id}"


@pytest.fixture(scope="module")
def scene(join: Callable[[str], Client]) -> Scene:
    scene = Scene(join("iris"), join("jonas"), [])
    scene.follower.put(f"{scene.author_path}/follow")
    for number in range(POSTS):
        scene.posts.insert(0, scene.author.create_post([scene.author.upload(PHOTO)], caption=f"No. {number}")["postId"])
    wait_until(lambda: feed(scene.follower) == scene.posts, what="every post in the follower's feed")
    return scene


def feed(client: Client, **params: str | int) -> list[str]:
    return [post["postId"] for post in client.items("/feed", **{"order": "latest", **params})]


@pytest.mark.parametrize("order", ["ranked", "latest"])
@pytest.mark.parametrize("limit", [1, 3, POSTS, 50])
def test_feed_pages_neither_repeat_nor_skip_a_post(scene: Scene, order: str, limit: int) -> None:
    assert feed(scene.follower, order=order, limit=limit) == scene.posts


def test_feed_shows_own_posts(scene: Scene) -> None:
    wait_until(lambda: feed(scene.author) == scene.posts, what="every post in the author's own feed")


def test_feed_of_stranger_stays_empty(join: Callable[[str], Client]) -> None:
    assert feed(join("kurt")) == []


def test_mute_hides_posts_and_unmute_shows_them_again(scene: Scene) -> None:
    scene.follower.put(f"{scene.author_path}/mute", {"stories": False})
    wait_until(lambda: feed(scene.follower) == [], what="an empty feed")
    scene.follower.put(f"{scene.author_path}/mute", {"posts": False})
    wait_until(lambda: feed(scene.follower) == scene.posts, what="the posts of whose stories alone are muted")
    scene.follower.delete(f"{scene.author_path}/mute")


def test_unfollow_hides_posts_and_follow_shows_them_again(scene: Scene) -> None:
    scene.follower.delete(f"{scene.author_path}/follow")
    wait_until(lambda: feed(scene.follower) == [], what="an empty feed")
    scene.follower.put(f"{scene.author_path}/follow")
    wait_until(lambda: feed(scene.follower) == scene.posts, what="the posts to be back")


def test_follow_adds_newest_posts_to_feed(scene: Scene, join: Callable[[str], Client]) -> None:
    late = join("lars")
    late.put(f"{scene.author_path}/follow")
    wait_until(lambda: feed(late) == scene.posts, what="the posts from before")


def test_archived_post_is_not_in_feed_until_restored(scene: Scene) -> None:
    path = f"/posts/{scene.posts[2]}/archive"
    scene.author.put(path)
    assert feed(scene.follower, limit=3) == scene.posts[:2] + scene.posts[3:]
    scene.author.delete(path)
    wait_until(lambda: feed(scene.follower) == scene.posts, what="the post to be back")


def test_deleted_post_leaves_feed_at_once(scene: Scene) -> None:
    scene.author.delete(f"/posts/{scene.posts.pop(1)}")
    assert feed(scene.follower, limit=2) == scene.posts
