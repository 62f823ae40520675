"""Use cases of sharing: a link to a post, and what the rest of the world sees of it: public posts, as nobody sees them.

Who has no account is a viewer like any other: `graph.may_view` says what they may see.
"""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from functions.accounts import service as accounts
from functions.accounts.service import Profile
from functions.graph import service as graph
from functions.media import service as media_service
from functions.media.service import MediaView
from functions.posts import service, shortcodes, store
from functions.posts.model import Post
from functions.posts.service import SeenPost
from heliograph import config
from heliograph.errors import NotFound

PROVIDER = "Heliograph"
# Seconds for which others may keep what they were told: a post that is deleted or hidden is gone from there soon.
KEPT_SECONDS = 60
TITLE_LENGTH = 100


class SharingSettings(config.Settings):
    """Where the API is found from outside, without a slash at the end."""

    site_url: str


@dataclass(frozen=True)
class Picture:
    """`url`: good as long as the post is public. `signed_url`: good for half an hour at least."""

    url: str
    signed_url: str
    width: int
    height: int


@dataclass(frozen=True)
class SharedPost:
    """A public post. `pictures`: of its first medium, the largest first; none where it may disturb."""

    post: Post
    author: Profile
    url: str
    media_type: str
    alt_text: str
    pictures: tuple[Picture, ...]

    @property
    def title(self) -> str:
        return f"{self.author.full_name or self.author.username} (@{self.author.username}) on {PROVIDER}"


def link(viewer_id: str, post_id: str) -> str:
    """The link to a post that the viewer may see; it opens for others what they may see. Raises NotFound."""
    return _url(service.see(viewer_id, post_id).post.post_id)


def shared(code: str) -> SharedPost:
    """The post behind a short code. Raises NotFound for what somebody without an account may not see."""
    post_id = shortcodes.post_id(code)
    post = store.post(post_id) if post_id else None
    author = accounts.profiles([post.user_id]).get(post.user_id) if post else None
    if post is None or author is None or not service.visible([SeenPost(post, author, graph.ANONYMOUS)]):
        raise NotFound
    first = media_service.views(post.media_ids[:1]).get(post.media_ids[0])
    if first is None:  # the post is being deleted
        raise NotFound
    url = _url(post.post_id)
    return SharedPost(post, author, url, first.media_type, first.alt_text or "", _pictures(first, url))


def picture(code: str, name: str) -> str:
    """The signed URL of a picture of a public post, by the picture's name. Raises NotFound."""
    known = shared(code)
    for one in known.pictures:
        if one.url == f"{known.url}/{name}":
            return one.signed_url
    raise NotFound


def embedded(url: str, max_width: int | None, max_height: int | None) -> dict[str, Any]:
    """The oEmbed 1.0 answer for a link: a photo that fits, else a link. Raises NotFound."""
    base = f"{_site()}/p/"
    if not url.startswith(base):
        raise NotFound("No link of ours")
    # What others add to links is not of ours.
    known = shared(re.split("[?#]", url.removeprefix(base))[0].rstrip("/"))
    told = {
        "version": "1.0",
        "title": known.post.caption[:TITLE_LENGTH] or known.title,
        "author_name": known.author.username,
        "provider_name": PROVIDER,
        "provider_url": _site(),
        "cache_age": KEPT_SECONDS,
    }
    fitting = [one for one in known.pictures if _fits(one.width, max_width) and _fits(one.height, max_height)]
    if not fitting:
        return {**told, "type": "link"}
    size = {"width": fitting[0].width, "height": fitting[0].height}
    if known.media_type == "image":
        return {**told, "type": "photo", "url": fitting[0].url, **size}
    return {
        **told,
        "type": "link",
        "thumbnail_url": fitting[0].url,
        **{f"thumbnail_{name}": pixels for name, pixels in size.items()},
    }


def embed_url(url: str) -> str:
    """Where others ask for the oEmbed answer for a link."""
    return f"{_site()}/oembed?{urlencode({'url': url})}"


def _fits(pixels: int, most: int | None) -> bool:
    return most is None or pixels <= most


def _pictures(medium: MediaView, url: str) -> tuple[Picture, ...]:
    """As JPEG, which everybody reads."""
    found = [one for one in medium.renditions if one.content_type == "image/jpeg" and not medium.sensitive]
    found.sort(key=lambda one: one.width, reverse=True)
    return tuple(Picture(f"{url}/{one.name}", one.url, one.width, one.height) for one in found)


def _url(post_id: str) -> str:
    return f"{_site()}/p/{shortcodes.of(post_id)}"


def _site() -> str:
    return config.read(SharingSettings).site_url
