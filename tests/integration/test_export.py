"""All my data in one file: complete, mine alone, made once."""

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from local.client import Client, wait_until
from local.clouds.emulator import Feature
from tests.integration.behind import PHOTO
from tests.integration.person import Life, lived

pytestmark = pytest.mark.needs(Feature.DEPLOYMENT)

MADE_SECONDS = 120


@pytest.fixture(scope="module")
def life(join: Callable[[str], Client]) -> Life:
    return lived(join)


@pytest.fixture(scope="module")
def seen(life: Life) -> list[dict[str, Any]]:
    """What the export says of itself, from the beginning to its end. Asked for twice, it is made once."""
    first, again = (life.me.post("/users/me/export", {}) for _ in range(2))
    assert first == again
    answers: list[dict[str, Any]] = []

    def ready() -> bool:
        answers.append(life.me.get(f"/users/me/export/{first['exportId']}"))
        assert answers[-1]["status"] in ("running", "ready")
        return answers[-1]["status"] == "ready"

    wait_until(ready, seconds=MADE_SECONDS, what="the export")
    return answers


@pytest.fixture(scope="module")
def archive(seen: list[dict[str, Any]]) -> zipfile.ZipFile:
    answer = httpx.get(seen[-1]["url"], trust_env=False).raise_for_status()
    assert len(answer.content) == seen[-1]["byteSize"]
    return zipfile.ZipFile(io.BytesIO(answer.content))


@pytest.fixture
def read(archive: zipfile.ZipFile) -> Callable[[str], list[dict[str, Any]]]:
    """One list of the file."""
    return lambda name: json.loads(archive.read(f"{name}.json"))


Read = Callable[[str], list[dict[str, Any]]]


def test_export_progress_only_increases(seen: list[dict[str, Any]]) -> None:
    progress = [answer["progress"] for answer in seen]
    done = [step["done"] for step in progress]
    assert done == sorted(done)
    assert len(set(done)) > 2, "some steps were seen"
    assert {step["total"] for step in progress} == {done[-1]}
    assert [answer["url"] is None for answer in seen] == [True] * (len(seen) - 1) + [False]


def test_export_is_complete(archive: zipfile.ZipFile, read: Read) -> None:
    names = {name for name in archive.namelist() if not name.startswith("media/")}
    lists = (
        "profile", "sessions", "posts", "stories", "comments", "likes", "comment-likes", "saved", "story-views",
        "followers", "following", "follow-requests", "sent-follow-requests", "blocks", "mutes", "close-friends",
        "encounters", "tastes", "dismissals", "media",
    )  # fmt: skip
    assert names == {"README.txt", *(f"{name}.json" for name in lists)}
    readme = archive.read("README.txt").decode()
    assert "direct messages" in readme
    assert [name for name in lists if f"{name}.json" not in readme] == []


def test_export_holds_profile_without_secrets(life: Life, read: Read) -> None:
    (account,) = read("profile")
    assert account["email"] == f"{life.username}@heliograph.example"
    assert (account["profile"]["userId"], account["profile"]["username"]) == (life.user_id, life.username)
    (device,) = read("sessions")
    assert set(device) == {"sessionId", "name", "createdAt", "lastUsedAt"}


def test_export_holds_own_content(life: Life, read: Read) -> None:
    friend = life.friend.get("/users/me")["username"]
    assert [post["postId"] for post in read("posts")] == list(life.post_ids)
    assert read("posts")[0]["hashtags"] == ["lastlight"]
    assert [story["storyId"] for story in read("stories")] == [life.story_id]
    comments = read("comments")
    assert [item["comment"]["content"] for item in comments] == ["What a day", "And night"]
    assert {item["postAuthor"] for item in comments} == {friend}
    assert [(like["postId"], like["author"]) for like in read("likes")] == [(life.friends_post_id, friend)]
    assert [(save["postId"], save["author"]) for save in read("saved")] == [(life.friends_post_id, friend)]
    assert [(view["storyId"], view["author"]) for view in read("story-views")] == [(life.friends_story_id, friend)]


def test_export_names_related_people(life: Life, read: Read) -> None:
    def people(*clients: Client) -> list[tuple[str, str]]:
        return sorted((client.user_id, client.get("/users/me")["username"]) for client in clients)

    for name, expected in {
        "followers": people(life.friend),
        "following": people(life.friend, life.muted),
        "follow-requests": [],
        "sent-follow-requests": people(life.private),
        "blocks": people(life.blocked),
        "mutes": people(life.muted),
        "close-friends": people(life.friend),
    }.items():
        assert sorted((person["userId"], person["username"]) for person in read(name)) == expected, name


def test_export_holds_original_pictures(life: Life, archive: zipfile.ZipFile, read: Read) -> None:
    assert {item["mediaId"] for item in read("media")} == set(life.media_ids)
    files = {name: archive.read(name) for name in archive.namelist() if name.startswith("media/")}
    assert files == {f"media/{media_id}.jpg": PHOTO for media_id in life.media_ids}


def test_export_is_hidden_from_other_people(life: Life, seen: list[dict[str, Any]]) -> None:
    export_id = seen[-1]["exportId"]
    assert life.friend.request("GET", f"/users/me/export/{export_id}").status_code == 404


@pytest.mark.needs(Feature.SIGNATURES)
def test_export_file_needs_its_signed_link(seen: list[dict[str, Any]]) -> None:
    assert httpx.get(seen[-1]["url"].partition("?")[0], trust_env=False).status_code == 403


def test_new_export_replaces_the_last(life: Life, seen: list[dict[str, Any]]) -> None:
    # Given an export that is ready
    former = seen[-1]["exportId"]
    # When another is asked for
    export_id = life.me.post("/users/me/export", {})["exportId"]
    # Then the former is no longer there, and the new one is made
    assert export_id != former
    assert life.me.request("GET", f"/users/me/export/{former}").status_code == 404
    wait_until(
        lambda: life.me.get(f"/users/me/export/{export_id}")["status"] == "ready",
        seconds=MADE_SECONDS,
        what="the second export",
    )
