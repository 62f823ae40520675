r"""Where clients fetch media: CDN URLs with a short HMAC token, or presigned S3 URLs where there is no CDN.

Both are stable within half an hour, so that browsers can cache by URL, and end within the hour, so that somebody who
may no longer see a picture has lost it by then. The edge checks the same formula:
token = base64url(HMAC-SHA256(secret, "<path>\n<expires>")[:16]), no padding; expires = epoch seconds, on the half hour.
"""

import base64
import hashlib
import hmac
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
    expires = (clock.epoch(clock.now()) // HALF_HOUR + 2) * HALF_HOUR
    settings = config.read(MediaUrlSettings)
    if settings.media_delivery == "cdn":
        return _cdn(settings, key, expires) + ("&f=avif" if avif else "")
    return _presigned(settings.s3_public_endpoint, settings.media_bucket, key, expires)


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
