"""Where a video's playlists are found: at the CDN, or, where there is none, at a route of ours.

A playlist names its segments relatively. The CDN takes a token for the whole folder out of the path, so what is
relative stays good. Storage alone cannot do that; so without a CDN the API answers playlists whose lines are signed
one by one, to whoever brings the same token.
"""

from urllib.parse import urlencode

from functions.media.model import Video
from heliograph import aws, config, media_urls
from heliograph.errors import NotFound
from heliograph.media_urls import Grant

MASTER = "master.m3u8"
PLAYLIST_TYPE = "application/vnd.apple.mpegurl"


class PlaylistSettings(config.Settings):
    media_bucket: str
    media_delivery: str
    playlist_base_url: str = ""


def url(video: Video) -> str:
    """The master playlist's URL, good for one to two hours."""
    at_cdn = media_urls.granted_url(video.hls, MASTER)
    if at_cdn is not None:
        return at_cdn
    _, media_id, version = video.folder.split("/")
    route = f"{config.read(PlaylistSettings).playlist_base_url}/v1/media/{media_id}/hls/{MASTER}"
    return f"{route}?{_query(int(version), media_urls.grant(video.hls))}"


def playlist(media_id: str, version: int, name: str, held: Grant) -> str:
    """A playlist with signed URLs in it. Raises NotFound for a wrong token, and where a CDN serves playlists."""
    settings = config.read(PlaylistSettings)
    folder = Video(0, f"m/{media_id}/{version}").hls
    if settings.media_delivery == "cdn" or not media_urls.opens(held, folder):
        raise NotFound
    s3 = aws.client("s3")
    try:
        body = s3.get_object(Bucket=settings.media_bucket, Key=f"{folder}/{name}")["Body"]
    except s3.exceptions.NoSuchKey:
        raise NotFound from None
    return "\n".join(_signed(line, folder, version, held) for line in body.read().decode().split("\n"))


def _signed(line: str, folder: str, version: int, held: Grant) -> str:
    """The line with its URI signed: alone on the line, or the attribute of a tag."""
    if not line.startswith("#"):
        return _absolute(line, folder, version, held) if line else line
    before, mark, rest = line.partition('URI="')
    uri, quote, after = rest.partition('"')
    return f"{before}{mark}{_absolute(uri, folder, version, held)}{quote}{after}" if mark else line


def _absolute(name: str, folder: str, version: int, held: Grant) -> str:
    if name.endswith(".m3u8"):
        return f"{name}?{_query(version, held)}"
    return media_urls.url(f"{folder}/{name}")


def _query(version: int, held: Grant) -> str:
    return urlencode({"version": version, "expires": held.expires, "token": held.token})
