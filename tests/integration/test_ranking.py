"""The ranked feed over HTTP: what somebody likes and looks at changes the order of what comes next."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from local.client import Client, wait_until
from tests.integration.behind import PHOTO


@dataclass(frozen=True)
class Scene:
    """Somebody who follows three: one dear to them, two of whom they have seen nothing yet."""

    viewer: Client
    dear: Client
    others: tuple[Client, Client]

    def ranked(self) -> list[str]:
        return [post["postId"] for post in self.viewer.items("/feed")]

    def latest(self) -> list[str]:
        return [post["postId"] for post in self.viewer.items("/feed", order="latest")]


def posted(author: Client) -> str:
    return author.create_post([author.upload(PHOTO)])["postId"]


@pytest.fixture(scope="module")
def scene(join: Callable[[str], Client]) -> Scene:
    scene = Scene(join("vera"), join("dora"), (join("olaf"), join("otis")))
    for author in (scene.dear, *scene.others):
        scene.viewer.put(f"/users/{author.user_id}/follow")
    return scene


def test_feed_ranks_liked_authors_first_and_seen_posts_last(scene: Scene) -> None:
    # given two posts, of which the newer one is liked and looked at
    unseen, liked = posted(scene.others[0]), posted(scene.dear)
    wait_until(lambda: scene.ranked() == [liked, unseen], seconds=60, what="both in the feed, the newer one first")
    scene.viewer.put(f"/posts/{liked}/like")
    scene.viewer.post("/feed/views", {"views": [{"postId": liked, "milliseconds": 9000}]})
    # then it sinks below the one that was not seen
    wait_until(lambda: scene.ranked() == [unseen, liked], what="the seen post below the other")
    # when its author and somebody else post something
    dear, strange = posted(scene.dear), posted(scene.others[1])
    wait_until(lambda: scene.latest() == [strange, dear, liked, unseen], what="the latest, exactly")
    # then whom they like comes first, though the other is newer
    assert scene.ranked() == [dear, strange, unseen, liked]


def test_feed_pages_stay_stable_while_posts_arrive_and_are_seen(scene: Scene) -> None:
    # given the first page of one
    before = scene.ranked()
    page = scene.viewer.get("/feed", limit=1)
    # when everything changes
    new = posted(scene.others[0])
    scene.viewer.post("/feed/views", {"views": [{"postId": one, "milliseconds": 500} for one in before[1:]]})
    wait_until(lambda: set(scene.ranked()) == {new, *before}, what="the new post in the feed")
    # then the pages after it go on with what was there
    shown = [item["postId"] for item in page["items"]]
    while page["nextCursor"]:
        page = scene.viewer.get("/feed", limit=1, cursor=page["nextCursor"])
        shown += [item["postId"] for item in page["items"]]
    assert shown == before
