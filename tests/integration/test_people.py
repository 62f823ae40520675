"""People to follow over HTTP: friends of friends, followers, authors of what one likes; dismissals."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from local.client import Client, Json, wait_until
from tests.integration.behind import PHOTO


@dataclass(frozen=True)
class Scene:
    """Ida follows Nora, who follows Mia; Finn follows Ida; Rosa writes of what Ida likes."""

    ida: Client
    nora: Client
    mia: Client
    finn: Client
    rosa: Client


@pytest.fixture
def scene(join: Callable[[str], Client]) -> Scene:
    scene = Scene(*(join(name) for name in ("ida", "nora", "mia", "finn", "rosa")))
    follow(scene.ida, scene.nora)
    follow(scene.nora, scene.mia)
    follow(scene.finn, scene.ida)
    return scene


def follow(follower: Client, other: Client) -> None:
    follower.put(f"/users/{other.user_id}/follow")


def suggested(viewer: Client) -> dict[str, list[Json]]:
    """The reasons for everybody who is suggested, by id."""
    return {item["userId"]: item["reasons"] for item in viewer.items("/explore/people")}


def reasons(viewer: Client, other: Client) -> list[str]:
    return [reason["type"] for reason in suggested(viewer).get(other.user_id, [])]


def test_suggestions_are_friends_of_friends_and_followers(scene: Scene) -> None:
    # given Mia is followed by a friend, and Finn follows me
    wait_until(lambda: "mutuals" in reasons(scene.ida, scene.mia), what="the friend's lists")
    found = suggested(scene.ida)
    mutuals = next(reason for reason in found[scene.mia.user_id] if reason["type"] == "mutuals")
    assert ([user["userId"] for user in mutuals["users"]], mutuals["count"]) == ([scene.nora.user_id], 1)
    assert "followsYou" in [reason["type"] for reason in found[scene.finn.user_id]]
    assert not {scene.ida.user_id, scene.nora.user_id} & found.keys()
    # when I follow Mia
    follow(scene.ida, scene.mia)
    wait_until(lambda: scene.mia.user_id not in suggested(scene.ida), what="the following to show")


def test_reasons_do_not_reveal_hidden_lists(scene: Scene) -> None:
    # given a friend who becomes private, and one who is followed by them alone
    wait_until(lambda: "mutuals" in reasons(scene.ida, scene.mia), what="the friend's lists")
    scene.nora.patch("/users/me", {"isPrivate": True})
    assert "mutuals" in reasons(scene.ida, scene.mia)
    # when they let me follow no longer
    scene.nora.delete(f"/followers/{scene.ida.user_id}")
    wait_until(lambda: "mutuals" not in reasons(scene.ida, scene.mia), what="the list to be shut")


def test_suggestions_omit_blockers_and_blocked(scene: Scene) -> None:
    wait_until(lambda: scene.mia.user_id in suggested(scene.ida), what="the suggestion")
    scene.mia.put(f"/users/{scene.ida.user_id}/block")
    scene.ida.put(f"/users/{scene.finn.user_id}/block")
    wait_until(
        lambda: not {scene.mia.user_id, scene.finn.user_id} & suggested(scene.ida).keys(), what="the blocks to show"
    )
    path = f"/explore/people/{scene.mia.user_id}/dismissal"
    wait_until(lambda: scene.ida.request("PUT", path).status_code == 404, what="nobody to dismiss")


def test_suggestions_include_authors_of_liked_posts(scene: Scene) -> None:
    # given posts with a hashtag nobody else uses, by Rosa and by somebody whose post I like
    tag = f"birds{time.time_ns()}"
    for author in (scene.rosa, scene.nora):
        author.create_post([author.upload(PHOTO)], caption=f"#{tag}")
    mine = wait_until(
        lambda: [
            post for post in scene.ida.items(f"/hashtags/{tag}/posts") if post["author"]["userId"] == scene.nora.user_id
        ],
        what="the post to like",
    )
    for _ in range(2):
        scene.ida.put(f"/posts/{mine[0]['postId']}/like")
    # then
    wait_until(lambda: "interests" in reasons(scene.ida, scene.rosa), 60, what="the taste")
    [reason] = [one for one in suggested(scene.ida)[scene.rosa.user_id] if one["type"] == "interests"]
    assert reason["hashtags"] == [tag]


def test_dismissed_suggestion_stays_away_until_undone(scene: Scene) -> None:
    path = f"/explore/people/{scene.mia.user_id}/dismissal"
    wait_until(lambda: scene.mia.user_id in suggested(scene.ida), what="the suggestion")
    for _ in range(2):
        assert scene.ida.request("PUT", path).status_code == 204
    assert scene.mia.user_id not in suggested(scene.ida)
    for _ in range(2):
        assert scene.ida.request("DELETE", path).status_code == 204
    assert scene.mia.user_id in suggested(scene.ida)
