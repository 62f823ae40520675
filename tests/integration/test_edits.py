"""Filters and edits over HTTP: chosen with a post, changed afterwards, and always seen as previewed.

Waiting is on effects, with deadlines.
"""

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from local.client import Client, Json, wait_until
from local.instance import NAMESPACE
from tests.integration.behind import PHOTO, Aws

GREY = {"filter": "graphite"}


@pytest.fixture(scope="module")
def ada(join: Callable[[str], Client]) -> Client:
    return join("ada")


@pytest.fixture(scope="module")
def bob(join: Callable[[str], Client]) -> Client:
    return join("bob")


def picture(media: Json, name: str = "w1080") -> Image.Image:
    return opened(address(media, name))


def address(media: Json, name: str = "w1080") -> str:
    return next(
        rendition["url"]
        for rendition in media["renditions"]
        if (rendition["name"], rendition["contentType"]) == (name, "image/jpeg")
    )


def opened(url: str) -> Image.Image:
    answer = httpx.get(url, trust_env=False).raise_for_status()
    with Image.open(io.BytesIO(answer.content)) as image:
        return image.convert("RGB")


def colourful(image: Image.Image) -> bool:
    red, _, blue = np.moveaxis(np.asarray(image).astype(int), -1, 0)
    return bool(abs(red - blue).mean() > 5)


def seen(stranger: Client, path: str) -> Json:
    """What others see, as soon as they do: nothing before it is published."""

    def shown() -> Json | None:
        answer = stranger.request("GET", path)
        return answer.json() if answer.is_success else None

    return wait_until(shown, what=path)


def ready(client: Client, media_id: str) -> Json:
    def decided() -> Json | None:
        media = client.get(f"/media/{media_id}")
        return media if media["status"] == "ready" else None

    return wait_until(decided, what=f"{media_id}")


def changed(client: Client, media_id: str, before: Json) -> Json:
    """The medium when its renditions are others than they were."""

    def others() -> Json | None:
        media = client.get(f"/media/{media_id}")
        return media if path(media) != path(before) else None

    return wait_until(others, what=f"new renditions of {media_id}")


def path(media: Json) -> str:
    return httpx.URL(address(media)).path


def test_post_shows_photo_with_chosen_filter(ada: Client, bob: Client) -> None:
    # given an upload of which nobody knows whether it is ready
    media_id = ada.upload(PHOTO)
    # when
    edits = {**GREY, "crop": {"aspect": "4:5"}}
    post = ada.post("/posts", {"media": [{"mediaId": media_id, "edits": edits}]})
    # then whoever sees the post sees it with the filter
    shown = seen(bob, f"/posts/{post['postId']}")["media"][0]
    assert shown["edits"] == {"filter": "graphite", "crop": {"aspect": "4:5", "focus": {"x": 0.5, "y": 0.5}}}
    assert (shown["width"], shown["height"]) == (640, 800)
    for name in ("w1080", "w640", "w320", "thumb"):
        assert not colourful(picture(shown, name))
    assert picture(shown).size == (640, 800)


def test_ready_photo_is_never_shown_without_edits_of_its_post(ada: Client, bob: Client) -> None:
    media_id = ada.upload(PHOTO)
    ready(ada, media_id)
    post = ada.post("/posts", {"media": [{"mediaId": media_id, "edits": GREY}]})
    assert post["status"] == "processing"
    assert not colourful(picture(seen(bob, f"/posts/{post['postId']}")["media"][0]))


def test_story_shows_photo_with_edits(ada: Client, bob: Client) -> None:
    media_id = ada.upload(PHOTO, purpose="story")
    story = ada.post("/stories", {"mediaId": media_id, "edits": {"rotate": 90, **GREY}})
    media = seen(bob, f"/stories/{story['storyId']}")["media"]
    assert (media["width"], media["height"]) == (800, 1200)
    assert not colourful(picture(media))


def test_edits_change_after_posting(ada: Client, bob: Client, aws: Aws) -> None:
    # given a published post, seen by somebody
    media_id = ada.upload(PHOTO)
    post_id = ada.create_post([media_id])["postId"]
    before = seen(bob, f"/posts/{post_id}")["media"][0]
    etag = bob.request("GET", f"/posts/{post_id}").headers["ETag"]
    original = picture(before)
    assert colourful(original)
    # when
    accepted = ada.request("PUT", f"/media/{media_id}/edits", {**GREY, "straighten": 5})
    # then the new edits are known at once, and the pictures there are stay until there are others
    assert (accepted.status_code, accepted.json()["status"]) == (202, "ready")
    assert accepted.json()["edits"] == {"filter": "graphite", "straighten": 5}
    after = changed(ada, media_id, before)
    assert not colourful(picture(after))
    assert after["width"] < before["width"]
    assert after["placeholder"] != before["placeholder"]
    # and the post shows them, under another ETag
    fresh = bob.request("GET", f"/posts/{post_id}", headers={"If-None-Match": etag})
    assert (fresh.status_code, path(fresh.json()["media"][0])) == (200, path(after))
    assert fresh.headers["ETag"] != etag
    # and who has the old address still sees the old picture
    assert np.array_equal(np.asarray(opened(address(before))), np.asarray(original))
    # which is marked to go
    wait_until(lambda: tags(aws, media_id, "0") == {"replaced": "true"}, what="the mark")
    assert tags(aws, media_id, "1") == {}
    # when all edits are taken back
    ada.put(f"/media/{media_id}/edits", {})
    # then it is the photo that was uploaded
    again = changed(ada, media_id, after)
    assert again["edits"] is None
    assert np.array_equal(np.asarray(picture(again)), np.asarray(original))


def tags(aws: Aws, media_id: str, revision: str) -> dict[str, str]:
    s3 = aws("s3")
    bucket = next(
        item["Name"] for item in s3.list_buckets()["Buckets"] if item["Name"].startswith(f"{NAMESPACE}-media")
    )
    found = s3.get_object_tagging(Bucket=bucket, Key=f"m/{media_id}/{revision}/w1080.jpg")["TagSet"]
    return {tag["Key"]: tag["Value"] for tag in found}


def test_concurrent_edits_end_with_the_last_one(ada: Client) -> None:
    # given
    media_id = ada.upload(PHOTO)
    ready(ada, media_id)
    # when many come at once, and one after all of them
    with ThreadPoolExecutor(4) as threads:
        recipes = [{"rotate": 90}, {"filter": "ember"}, {"rotate": 270}, {"vignette": 50}, {"sharpen": 50}]
        list(threads.map(lambda recipe: ada.put(f"/media/{media_id}/edits", recipe), recipes))
    ada.put(f"/media/{media_id}/edits", {**GREY, "rotate": 180})

    # then
    def settled() -> Json | None:
        media = ada.get(f"/media/{media_id}")
        return media if path(media).split("/")[-2] == str(len(recipes) + 1) else None

    media = wait_until(settled, what="the last edit")
    assert media["edits"] == {"filter": "graphite", "rotate": 180}
    assert (media["width"], media["height"]) == (1200, 800)
    assert not colourful(picture(media))


def test_edits_of_other_people_are_refused(ada: Client, bob: Client, connect: Callable[[], Client]) -> None:
    media_id = ada.upload(PHOTO)
    for somebody, status in ((bob, 404), (connect(), 401)):
        assert somebody.request("PUT", f"/media/{media_id}/edits", GREY).status_code == status
    assert ready(ada, media_id)["edits"] is None


@pytest.mark.parametrize(
    ("edits", "field"),
    [
        ({"filter": "nobodys"}, "filter"),
        ({"warmth": 101}, "warmth"),
        ({"crop": {"aspect": "1:9"}}, "crop.aspect"),
        ({"rotate": 30}, "rotate"),
        ({"lens": 1}, "lens"),
    ],
)
def test_invalid_edits_are_refused(ada: Client, edits: dict[str, Any], field: str) -> None:
    media_id = ada.request_upload(len(PHOTO))["mediaId"]
    alone = ada.request("PUT", f"/media/{media_id}/edits", edits)
    posted = ada.request("POST", "/posts", {"media": [{"mediaId": media_id, "edits": edits}]})
    assert (alone.status_code, posted.status_code) == (422, 422)
    assert alone.json()["errors"][0]["field"] == field
    assert posted.json()["errors"][0]["field"] == f"media.0.edits.{field}"


def test_preview_matches_rendered_photo(ada: Client, connect: Callable[[], Client]) -> None:
    """With the published LUT and nothing else, on the picture without edits."""
    # given
    listed = connect().request("GET", "/filters")
    assert "public" in listed.headers["Cache-Control"]
    chosen = next(item for item in listed.json()["items"] if item["name"] == "harbour")
    lut = connect().request("GET", chosen["lutUrl"].removeprefix("/v1"))
    assert lut.headers["Content-Type"].startswith("text/plain")
    assert "immutable" in lut.headers["Cache-Control"]
    table = np.array(" ".join(lut.text.splitlines()[2:]).split(), dtype=float).reshape((33, 33, 33, 3))
    media_id = ada.upload(PHOTO)
    plain = ready(ada, media_id)
    # when
    ada.put(f"/media/{media_id}/edits", {"filter": "harbour"})
    # then they are as near as two encodings of JPEG can be
    red, green, blue = np.moveaxis(np.round(np.asarray(picture(plain)) / 255 * 32).astype(int), -1, 0)
    preview = table[blue, green, red] * 255
    made = np.asarray(picture(changed(ada, media_id, plain)))
    assert abs(made.mean(axis=(0, 1)) - preview.mean(axis=(0, 1))).max() < 2
    assert abs(made - preview).mean() < 5
