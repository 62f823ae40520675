"""What trends over HTTP: several people who use a hashtag at a place, and one who uses another very often."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from local.client import Client, wait_until
from local.instance import NAMESPACE
from tests.integration.behind import PHOTO, Aws

# Accounts of today count half, so this is the least that trends.
PEOPLE = 8


@dataclass(frozen=True)
class Scene:
    """Words that nobody else uses: a hashtag and a place of many, a hashtag of one. `point`: where all of it is."""

    many: list[Client]
    one: Client
    tag: str
    spam: str
    place: dict[str, Any]

    @property
    def point(self) -> dict[str, float]:
        return {"lat": self.place["lat"], "lon": self.place["lon"]}


def posted(author: Client, caption: str, **more: Any) -> str:
    return str(author.create_post([author.upload(PHOTO)], caption=caption, **more)["postId"])


def trending(client: Client, name: str, **query: Any) -> list[str]:
    return [item[name] for item in client.get("/explore/trending", limit=50, **query)["items"]]


@pytest.fixture(scope="module")
def scene(join: Callable[[str], Client], aws: Aws) -> Scene:
    """All of them have posted, everything has been counted, and the minute's run is over."""
    word = f"fair{time.time_ns()}"
    place = {"name": f"Plaza {word}", "lat": -33.45, "lon": -70.66}
    scene = Scene([join("kim") for _ in range(PEOPLE)], join("sam"), word, f"{word}spam", place)
    for author in scene.many:
        posted(author, f"#{scene.tag}", location=place)
    for _ in range(PEOPLE):
        posted(scene.one, f"#{scene.spam}")
    wait_until(lambda: scene.one.get(f"/hashtags/{scene.tag}")["postCount"] == PEOPLE, seconds=60, what="the count")
    wait_until(lambda: scene.one.get(f"/hashtags/{scene.spam}")["postCount"] == PEOPLE, seconds=60, what="the spam")
    answer = aws("lambda").invoke(FunctionName=f"{NAMESPACE}-discovery-trending", Payload=b"{}")
    assert "FunctionError" not in answer, answer["Payload"].read()
    assert json.loads(answer["Payload"].read()) is None
    return scene


def test_hashtag_of_several_people_trends_with_its_count(scene: Scene) -> None:
    wait_until(lambda: scene.tag in trending(scene.one, "hashtag"), what="the hashtag among what trends")
    items = scene.one.get("/explore/trending", limit=50)["items"]
    [found] = [item for item in items if item["hashtag"] == scene.tag]
    assert found["postCount"] == PEOPLE
    assert found["score"] >= 3


def test_hashtag_of_one_person_does_not_trend(scene: Scene) -> None:
    wait_until(lambda: scene.tag in trending(scene.one, "hashtag"), what="the hashtag among what trends")
    assert scene.spam not in trending(scene.one, "hashtag")


def test_hashtag_of_private_account_is_listed_for_it_but_not_counted(
    join: Callable[[str], Client], scene: Scene
) -> None:
    # given
    private = join("pia")
    private.patch("/users/me", {"isPrivate": True})
    # when
    post_id = posted(private, f"#{scene.tag}own")
    # then
    wait_until(
        lambda: [post["postId"] for post in private.items(f"/hashtags/{scene.tag}own/posts")] == [post_id],
        what="the post under its hashtag",
    )
    assert private.get(f"/hashtags/{scene.tag}own")["postCount"] == 0


def test_hashtag_and_place_trend_first_around_the_point(scene: Scene) -> None:
    wait_until(lambda: scene.tag in trending(scene.one, "hashtag", **scene.point), what="the hashtag in its region")
    assert trending(scene.one, "hashtag", **scene.point)[0] == scene.tag
    wait_until(lambda: scene.place["name"] in trending(scene.one, "name", type="places"), what="the place")
    items = scene.one.get("/explore/trending", type="places", limit=50)["items"]
    [found] = [item for item in items if item["name"] == scene.place["name"]]
    assert (found["lat"], found["lon"], found["postCount"]) == (-33.45, -70.66, PEOPLE)
