"""Videos, from the upload to the player's last segment, over HTTP."""

import random
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import pytest

from functions.media.video import fragments
from heliograph import media_urls
from local.client import ApiError, Client, wait_until
from local.clouds.emulator import Feature
from local.instance import NAMESPACE, Endpoints
from tests.integration.behind import PHOTO, Aws
from tests.video.clips import PLAIN, Recipe

pytestmark = pytest.mark.needs(Feature.DEPLOYMENT)

PART = 8 * 1024 * 1024
URI = re.compile(r'URI="([^"]+)"')


def decided(person: Client, media_id: str) -> dict[str, Any]:
    def seen() -> dict[str, Any] | None:
        media = person.get(f"/media/{media_id}")
        return media if media["status"] in ("ready", "rejected") else None

    return wait_until(seen, seconds=60, what="the verdict on a video")


def fetched(url: str) -> httpx.Response:
    answer = httpx.get(url, trust_env=False)
    assert answer.status_code == 200, answer.text
    return answer


def uris(url: str) -> list[str]:
    """What a playlist names, in its order, as a player resolves it."""
    found: list[str] = []
    for line in fetched(url).text.splitlines():
        found += URI.findall(line) if line.startswith("#") else [line]
    return [urljoin(url, uri) for uri in found if uri]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return PLAIN.make(tmp_path_factory.mktemp("clips")).read_bytes()


def test_video_becomes_a_stream_with_poster_and_stills(join: Callable[[str], Client], clip: bytes) -> None:
    # given a video in a post
    owner = join("vera")
    media_id = owner.upload(clip, "video/mp4")
    post_id = owner.create_post([media_id])["postId"]

    # when it is worked on
    media = decided(owner, media_id)

    # then it is described
    assert (media["status"], media["mediaType"], media["width"], media["height"]) == ("ready", "video", 320, 240)
    assert {rendition["name"] for rendition in media["renditions"]} == {"w1080", "w640", "w320", "thumb"}
    video = media["video"]
    assert video["durationSeconds"] == 5.0
    for url in (video["posterUrl"], *video["thumbnailUrls"]):
        assert fetched(url).headers["Content-Type"] == "image/jpeg"
    assert len(video["thumbnailUrls"]) == 3
    assert fetched(video["previewUrl"]).headers["Content-Type"] == "video/mp4"

    # then a player finds every frame, by URLs alone
    sound, rung = uris(video["hlsUrl"])
    content = b"".join(fetched(url).content for url in uris(rung))
    assert sum(len(fragment.samples) for fragment in fragments.read(content).fragments) == 150
    assert len(fragments.read(b"".join(fetched(url).content for url in uris(sound))).fragments) == 2

    # then a part of a segment can be asked for
    part = httpx.get(uris(rung)[1], headers={"Range": "bytes=0-7"}, trust_env=False)
    assert (part.status_code, part.content[4:]) == (206, b"moof")

    # then the post is out
    wait_until(lambda: owner.get(f"/posts/{post_id}")["status"] == "published", what="the post")
    assert owner.get(f"/posts/{post_id}")["mediaType"] == "video"


def test_long_video_is_encoded_by_several_workers(join: Callable[[str], Client], tmp_path: Path) -> None:
    owner = join("viola")
    recipe = Recipe("long.mp4", seconds=24, rate=5, size="128x96")

    media = decided(owner, owner.upload(recipe.make(tmp_path).read_bytes(), "video/mp4"))

    assert media["status"] == "ready"
    (rung,) = uris(media["video"]["hlsUrl"])
    parts = [fetched(url).content for url in uris(rung)]
    assert len(parts) == 13, "what comes first, and twelve segments"
    assert sum(len(fragment.samples) for fragment in fragments.read(b"".join(parts)).fragments) == 24 * 5


def test_truncated_video_is_rejected_while_encoding(join: Callable[[str], Client], clip: bytes) -> None:
    # given a video with noise in its middle, which only who decodes every frame comes across
    content, pictures = bytearray(clip), clip.index(b"mdat") + 4
    length = int.from_bytes(clip[pictures - 8 : pictures - 4], "big")
    noise = slice(pictures + length * 2 // 5, pictures + length * 3 // 5)
    content[noise] = random.Random(1).randbytes(noise.stop - noise.start)
    owner = join("vulca")

    media = decided(owner, owner.upload(bytes(content), "video/mp4"))

    assert (media["status"], media["reason"], media["video"]) == ("rejected", "corrupt", None)


@pytest.mark.needs(Feature.CDN)
def test_one_token_opens_a_whole_stream_at_the_cdn(
    join: Callable[[str], Client], aws: Aws, endpoints: Endpoints, clip: bytes
) -> None:
    # given a stream, and the token that the API would give for its folder
    owner = join("vita")
    media = decided(owner, owner.upload(clip, "video/mp4"))
    poster = urlsplit(media["video"]["posterUrl"]).path
    _, folder = poster.removesuffix("/poster.jpg").split("/m/")
    distribution = aws("cloudfront").list_distributions()["DistributionList"]["Items"][0]
    secret = aws("secretsmanager").get_secret_value(SecretId=f"{NAMESPACE}-media-secret")["SecretString"].encode()
    expires = int(time.time()) + 60
    token = media_urls.token(secret, f"/m/{folder}/hls/", expires)

    def at_cdn(token: str, name: str) -> httpx.Response:
        url = f"{endpoints.aws_endpoint}/m/{folder}/~{expires}~{token}/hls/{name}"
        return httpx.get(url, headers={"Host": distribution["DomainName"]}, trust_env=False)

    # then everything that the playlists name opens with it, and nothing without
    for playlist in ("master.m3u8", "240.m3u8"):
        names = [name for name in at_cdn(token, playlist).text.splitlines() if name and not name.startswith("#")]
        assert names
        assert {at_cdn(token, name).status_code for name in names} == {200}
        assert {at_cdn("A" * 22, name).status_code for name in names} == {403}


def test_playlists_need_their_signed_url(join: Callable[[str], Client], clip: bytes) -> None:
    owner = join("vivian")
    media = decided(owner, owner.upload(clip, "video/mp4"))
    url = httpx.URL(media["video"]["hlsUrl"])

    for change in ({"token": "A" * 22}, {"expires": "4102444800"}, {"version": "1"}):
        answer = httpx.get(url.copy_merge_params(change), trust_env=False)
        assert answer.status_code == 404


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "unsupportedFormat"),
        (PHOTO, "unsupportedFormat"),
        (b"\0\0\0\x18ftypmp42" + bytes(600), "corrupt"),
    ],
    ids=["a playlist", "a photo", "an empty container"],
)
def test_file_that_is_not_a_video_is_rejected(join: Callable[[str], Client], content: bytes, reason: str) -> None:
    owner = join("vince")

    media = decided(owner, owner.upload(content, "video/mp4"))

    assert (media["status"], media["reason"], media["video"]) == ("rejected", reason, None)


def test_interrupted_multipart_upload_is_resumed(
    join: Callable[[str], Client], endpoints: Endpoints, tmp_path: Path
) -> None:
    # given a file of two parts, of which only the first is sent
    owner = join("victor")
    small = Recipe("small.mp4", seconds=1).make(tmp_path).read_bytes()
    # A box that players skip makes it long.
    content = small + (PART).to_bytes(4) + b"free" + bytes(PART - 8)
    body = {"contentType": "video/mp4", "byteSize": len(content), "purpose": "post", "resumable": True}
    promised = owner.post("/media", body)
    media_id, upload = promised["mediaId"], promised["upload"]
    first, second = upload["parts"]
    assert (upload["method"], first["bytes"], second["bytes"]) == ("MULTIPART", PART, len(content) - PART)
    assert httpx.put(first["url"], content=content[:PART], trust_env=False).status_code == 200

    # then it cannot be completed, and says what is missing
    complete = upload["completeUrl"].removeprefix("/v1")
    with pytest.raises(ApiError, match="Parts are missing: 2"):
        owner.post(complete, {})
    (missing,) = owner.get(f"/media/{media_id}/upload")["parts"]
    assert missing["number"] == 2

    # when the rest comes, and completion is asked for twice
    assert httpx.put(missing["url"], content=content[PART:], trust_env=False).status_code == 200
    for _ in range(2):
        assert owner.post(complete, {})["mediaId"] == media_id

    # then it is a video like others
    assert decided(owner, media_id)["status"] == "ready"


def test_photo_uploaded_in_parts_becomes_ready(join: Callable[[str], Client]) -> None:
    owner = join("violet")
    body = {"contentType": "image/jpeg", "byteSize": len(PHOTO), "purpose": "post", "resumable": True}
    promised = owner.post("/media", body)
    (part,) = promised["upload"]["parts"]
    httpx.put(part["url"], content=PHOTO, trust_env=False)

    owner.post(promised["upload"]["completeUrl"].removeprefix("/v1"), {})

    media = decided(owner, promised["mediaId"])
    assert (media["status"], media["mediaType"]) == ("ready", "image")
