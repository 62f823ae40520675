r"""Where clients fetch media: CDN URLs with a short HMAC token, or presigned S3 URLs where there is no CDN.

Both are stable within half an hour, so that browsers can cache by URL, and end within the hour, so that somebody who
may no longer see a picture has lost it by then. The edge checks the same formula:
token = base64url(HMAC-SHA256(secret, "<path>\n<expires>")[:16]), no padding; expires = epoch seconds, on the half hour.
A folder's token is that of its path with a slash at the end: docs/decisions/0012.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from heliograph import aws, clock, config

HALF_HOUR = 1800
TOKEN_BYTES = 16


class MediaUrlSettings(config.Settings):
    media_delivery: Literal["cdn", "presigned"]
    media_bucket: str
    media_base_url: str = ""
    media_secret: str = ""
    s3_public_endpoint: str | None = None


def url(key: str, *, avif: bool = False) -> str:
    """The URL of an object of the media bucket, good for 30 to 60 minutes.

    `avif`: the picture is there as AVIF too, and the edge may answer with it if the viewer's Accept header has it.
    """
    expires = _expiry()
    settings = config.read(MediaUrlSettings)
    if settings.media_delivery == "cdn":
        return _cdn(settings, key, expires) + ("&f=avif" if avif else "")
    return _presigned(settings.s3_public_endpoint, settings.media_bucket, key, expires)


@dataclass(frozen=True)
class Grant:
    """Opens all that is in one folder of the media bucket, until `expires` (epoch seconds)."""

    expires: int
    token: str


def grant(folder: str) -> Grant:
    """For a folder whose files name one another, such as a video's playlists and segments."""
    expires = _expiry()
    return Grant(expires, token(_secret(), f"/{folder}/", expires))


def opens(held: Grant, folder: str) -> bool:
    """Whether somebody was given `held` for this folder, and it has not expired."""
    if held.expires <= clock.epoch(clock.now()):
        return False
    known = token(_secret(), f"/{folder}/", held.expires)
    return hmac.compare_digest(held.token.encode(), known.encode())


def granted_url(folder: str, name: str) -> str | None:
    """The CDN's URL of a file; what it names relatively opens as well. None where there is no CDN."""
    settings = config.read(MediaUrlSettings)
    if settings.media_delivery != "cdn":
        return None
    held = grant(folder)
    parent, _, last = folder.rpartition("/")
    return f"{settings.media_base_url}/{parent}/~{held.expires}~{held.token}/{last}/{name}"


def _expiry() -> int:
    return (clock.epoch(clock.now()) // HALF_HOUR + 2) * HALF_HOUR


def _secret() -> bytes:
    return aws.secret(config.read(MediaUrlSettings).media_secret)


def token(secret: bytes, path: str, expires: int) -> str:
    """The edge's token for `path` (it starts with a slash) until `expires`."""
    digest = hmac.new(secret, f"{path}\n{expires}".encode(), hashlib.sha256).digest()[:TOKEN_BYTES]
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _cdn(settings: MediaUrlSettings, key: str, expires: int) -> str:
    signed = token(aws.secret(settings.media_secret), f"/{key}", expires)
    return f"{settings.media_base_url}/{key}?e={expires}&t={signed}"


@lru_cache(maxsize=4096)
def _presigned(endpoint_url: str | None, bucket: str, key: str, expires: int) -> str:
    """`expires` is in the cache key, so that the same URL is given out until the half hour turns."""
    return aws.client("s3", endpoint_url=endpoint_url).generate_presigned_url(
        "get_object", Params={"Bucket": bucket, "Key": key}, ExpiresIn=expires - clock.epoch(clock.now())
    )
