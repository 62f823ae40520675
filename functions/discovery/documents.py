"""What the index knows of a user, a post, a hashtag and a place. Pure; the fields are those of `mappings`.

Counts are as coarse as `popularity` makes them: so they are the same as when their last change was announced.
"""

from collections.abc import Iterable
from typing import Any

from functions.accounts.service import Profile
from functions.discovery import likeness, pictures, words
from functions.posts.service import Post
from heliograph import clock, popularity
from heliograph.events import Place


def user(profile: Profile) -> dict[str, Any]:
    return {
        "userId": profile.user_id,
        "username": profile.username,
        "words": _names(profile.username, profile.full_name),
        "isVerified": profile.is_verified,
        "isPrivate": profile.is_private,
        "followerCount": popularity.step(profile.follower_count),
    }


def post(shown: Post, author: Profile, look: str | None = None) -> dict[str, Any]:
    """`look`: the perceptual hash of its first picture, None if that is too plain for one."""
    place = shown.location.name if shown.location else ""
    said = [*words.of(shown.caption), *words.of(place), *map(words.joined, shown.hashtags)]
    document: dict[str, Any] = {
        "postId": shown.post_id,
        "authorId": shown.user_id,
        "words": " ".join(said),
        "stems": _once(map(words.stem, said)),
        "authorWords": _names(author.username, author.full_name),
        "hashtags": list(shown.hashtags),
        "createdAt": clock.iso(shown.created_at),
        "gist": sorted(likeness.gist(shown.caption)),
        "mediaType": shown.media_type,
        "likeCount": popularity.step(shown.like_count),
        "commentCount": popularity.step(shown.comment_count),
        "audience": shown.audience,
        "authorSince": clock.iso(author.created_at),
        "authorFollowers": popularity.magnitude(author.follower_count),
    }
    if shown.location:
        point = {"lat": shown.location.lat, "lon": shown.location.lon}
        document["location"] = {"point": point}
    if look:
        document |= {"fingerprint": look, "bands": pictures.bands(look)}
    return document


def hashtag(tag: str, post_count: int) -> dict[str, Any]:
    return {"hashtag": tag, "joined": words.joined(tag), "words": _names(tag), "postCount": post_count}


def place(key: str, shown: Place, post_count: int) -> dict[str, Any]:
    """`key`: the id of the counter of its posts (`labels`)."""
    return {
        "place": key,
        "name": shown.name,
        "joined": words.joined(shown.name),
        "words": _names(shown.name),
        "point": {"lat": shown.lat, "lon": shown.lon},
        "postCount": post_count,
    }


def indexable(shown: Post, author: Profile) -> bool:
    """Only what anyone may come across is in the index; visibility is decided again for each reader."""
    hidden = author.is_private or author.is_deactivated
    return shown.is_open and shown.audience == "followers" and not hidden


def _names(*names: str) -> str:
    """Names as their words, and each as one word."""
    return _once(word for name in names for word in (*words.of(name), words.joined(name)))


def _once(found: Iterable[str]) -> str:
    return " ".join(dict.fromkeys(word for word in found if word))
