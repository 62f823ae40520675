"""Where playlists are found, and who may read them."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from functions.media import hls
from functions.media.model import Video
from heliograph import aws, clock, config, media_urls
from heliograph.errors import NotFound
from heliograph.media_urls import Grant
from tests.unit.media.fakes import FakeS3

VIDEO = Video(5.0, "m/m1/3")
MEDIA_PLAYLIST = '#EXTM3U\n#EXT-X-MAP:URI="240-init.mp4"\n#EXTINF:2,\n240-000.m4s\n#EXT-X-ENDLIST\n'
MASTER = '#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,URI="sound.m3u8"\n#EXT-X-STREAM-INF:BANDWIDTH=1\n240.m3u8\n'


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch, s3: FakeS3) -> None:
    monkeypatch.setattr(aws, "secret", lambda name: f"value of {name}".encode())
    s3.objects["test-media", "m/m1/3/hls/master.m3u8"] = MASTER.encode()
    s3.objects["test-media", "m/m1/3/hls/240.m3u8"] = MEDIA_PLAYLIST.encode()


@pytest.fixture
def _presigned(monkeypatch: pytest.MonkeyPatch) -> None:
    _deliver(monkeypatch, "presigned", PLAYLIST_BASE_URL="http://api.example/prod")


def _deliver(monkeypatch: pytest.MonkeyPatch, delivery: str, **settings: str) -> None:
    values = {"MEDIA_DELIVERY": delivery, "MEDIA_BUCKET": "test-media", "MEDIA_SECRET": "media", **settings}
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    config.forget()


def test_cdn_token_is_in_the_path_so_relative_urls_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _deliver(monkeypatch, "cdn", MEDIA_BASE_URL="https://cdn.example")

    url = urlsplit(hls.url(VIDEO))

    held = media_urls.grant("m/m1/3/hls")
    assert url.path == f"/m/m1/3/~{held.expires}~{held.token}/hls/master.m3u8"
    assert url.query == ""
    with pytest.raises(NotFound):
        hls.playlist("m1", 3, "master.m3u8", held)


@pytest.mark.usefixtures("_presigned")
def test_without_a_cdn_playlists_come_from_the_api_with_every_line_signed() -> None:
    # given what a client is told
    url = urlsplit(hls.url(VIDEO))
    query = {name: values[0] for name, values in parse_qs(url.query).items()}
    held = Grant(int(query["expires"]), query["token"])
    assert (url.hostname, url.path, query["version"]) == ("api.example", "/prod/v1/media/m1/hls/master.m3u8", "3")

    # then the master playlist leads to playlists, under the same token
    master = hls.playlist("m1", 3, "master.m3u8", held).splitlines()
    assert master[3] == f"240.m3u8?{url.query}"
    assert f'URI="sound.m3u8?{url.query}"' in master[1]

    # then these lead to storage, signed
    lines = hls.playlist("m1", 3, "240.m3u8", held).splitlines()
    assert lines[3].startswith("https://get_object.example/m/m1/3/hls/240-000.m4s?")
    assert 'URI="https://get_object.example/m/m1/3/hls/240-init.mp4?' in lines[1]
    assert (lines[0], lines[2], lines[-1]) == ("#EXTM3U", "#EXTINF:2,", "#EXT-X-ENDLIST")


@pytest.mark.usefixtures("_presigned")
def test_token_is_valid_for_one_version_of_one_video_until_it_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    held = media_urls.grant(VIDEO.hls)
    refused = {
        "another video": ("m2", 3, held),
        "another version": ("m1", 2, held),
        "prolonged": ("m1", 3, Grant(held.expires + 3600, held.token)),
        "guessed": ("m1", 3, Grant(held.expires, "A" * 22)),
        "no token at all": ("m1", 3, Grant(held.expires, "é" * 22)),
    }
    for media_id, version, grant in refused.values():
        with pytest.raises(NotFound):
            hls.playlist(media_id, version, "240.m3u8", grant)
        # Not only because there is no such playlist.
        assert not media_urls.opens(grant, f"m/{media_id}/{version}/hls")
    with pytest.raises(NotFound):
        hls.playlist("m1", 3, "1080.m3u8", held)

    later = clock.now() + timedelta(hours=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    with pytest.raises(NotFound):
        hls.playlist("m1", 3, "240.m3u8", held)
