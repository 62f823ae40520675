"""Explore over HTTP: what somebody is shown of strangers, by what they like, page by page."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from local.client import Client, wait_until
from tests.integration.behind import PHOTO


@dataclass(frozen=True)
class Scene:
    """Somebody who has just come, and two who post; what they post has a mark that nobody else uses."""

    viewer: Client
    others: tuple[Client, Client]
    mark: str

    def posted(self, author: Client, topic: str = "") -> str:
        """The id of a new post that anybody can find."""
        caption = f"#{self.mark} #{topic}{self.mark}" if topic else f"#{self.mark}"
        post_id = str(author.create_post([author.upload(PHOTO)], caption=caption)["postId"])
        wait_until(lambda: post_id in self.found(author), seconds=60, what="the post in the index")
        return post_id

    def found(self, client: Client) -> set[str]:
        return {post["postId"] for post in client.items("/search", type="posts", q=self.mark)}


@pytest.fixture
def scene(join: Callable[[str], Client]) -> Scene:
    # Short, as not all of long hashtags are kept of what somebody likes.
    return Scene(join("nora"), (join("piet"), join("rosa")), f"d{time.time_ns() // 1000 % 10**11}")


def explored(client: Client, **query: float) -> list[str]:
    return [post["postId"] for post in client.items("/explore", **query)]


def test_new_account_sees_posts_of_strangers(scene: Scene) -> None:
    there = {scene.posted(author) for author in scene.others}
    page = scene.viewer.get("/explore", limit=50)
    assert page["degraded"] is False
    assert there <= set(explored(scene.viewer))
    assert there <= set(explored(scene.viewer, lat=52.5, lon=13.4))


def test_explore_ranks_by_interests(scene: Scene, join: Callable[[str], Client]) -> None:
    # given two who like and look at different things
    other, (sea, dogs) = join("sven"), scene.others
    for viewer, author, topic in ((scene.viewer, sea, "sea"), (other, dogs, "dogs")):
        for _ in range(2):
            liked = scene.posted(author, topic)
            viewer.put(f"/posts/{liked}/like")
            viewer.post("/feed/views", {"views": [{"postId": liked, "milliseconds": 9000}]})
    # when strangers to both post of both
    of_sea, of_dogs = scene.posted(join("tess"), "sea"), scene.posted(join("udo"), "dogs")
    # then each sees what they like before what the other likes

    def first(viewer: Client) -> str | None:
        return next((one for one in explored(viewer) if one in {of_sea, of_dogs}), None)

    wait_until(lambda: first(scene.viewer) == of_sea, seconds=60, what="the sea first")
    wait_until(lambda: first(other) == of_dogs, seconds=60, what="dogs first")


def test_explore_pages_neither_repeat_nor_skip_while_posts_arrive(scene: Scene) -> None:
    # given the first page
    there = {scene.posted(author) for author in (*scene.others, *scene.others)}
    page = scene.viewer.get("/explore", limit=2)
    shown = [item["postId"] for item in page["items"]]
    # when something new comes
    new = scene.posted(scene.others[0])
    # then the pages after it are of what was there
    while page["nextCursor"]:
        page = scene.viewer.get("/explore", limit=20, cursor=page["nextCursor"])
        shown += [item["postId"] for item in page["items"]]
    assert len(shown) == len(set(shown))
    assert there <= set(shown)
    assert new not in shown
    assert new in explored(scene.viewer)


def test_explore_omits_followed_muted_blocked_and_private_accounts(scene: Scene) -> None:
    author, other = scene.others
    post_id, stays = scene.posted(author), scene.posted(other)

    def shown() -> bool:
        there = explored(scene.viewer)
        assert stays in there
        return post_id in there

    assert shown()
    for on, off in (
        (scene.viewer, f"/users/{author.user_id}/follow"),
        (scene.viewer, f"/users/{author.user_id}/block"),
        (scene.viewer, f"/users/{author.user_id}/mute"),
        (author, f"/users/{scene.viewer.user_id}/block"),
    ):
        on.put(off)
        wait_until(lambda: not shown(), what=f"nothing after {off}")
        on.delete(off)
        wait_until(shown, what=f"the post again after {off}")
    author.patch("/users/me", {"isPrivate": True})
    wait_until(lambda: not shown(), what="nothing of a private account")


def test_explore_omits_viewed_posts(scene: Scene) -> None:
    post_id = scene.posted(scene.others[0])
    assert post_id in explored(scene.viewer)
    scene.viewer.post("/feed/views", {"views": [{"postId": post_id, "milliseconds": 300}]})
    wait_until(lambda: post_id not in explored(scene.viewer), what="the post to be left out")


def test_explore_refuses_incomplete_place_and_foreign_cursor(scene: Scene) -> None:
    assert scene.viewer.request("GET", "/explore", params={"lat": 1.0}).status_code == 422
    assert scene.viewer.request("GET", "/explore", params={"cursor": "AAAA"}).status_code == 400
