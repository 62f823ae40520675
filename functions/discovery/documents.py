"""What the index knows of a user, a post and a hashtag. Pure; the fields are those of `mappings`."""

import re
import unicodedata
from typing import Any

from functions.accounts.service import Profile
from functions.discovery import likeness, pictures
from functions.posts.service import Post
from heliograph import clock
from heliograph.events import Place


def user(profile: Profile) -> dict[str, Any]:
    return {
        "userId": profile.user_id,
        "username": profile.username,
        "usernameWords": words(profile.username),
        "fullName": composed(profile.full_name),
        "isVerified": profile.is_verified,
        "isPrivate": profile.is_private,
        "followerCount": profile.follower_count,
    }


def post(shown: Post, author: Profile, look: str | None = None) -> dict[str, Any]:
    """`look`: the perceptual hash of its first picture, None if that is too plain for one."""
    document: dict[str, Any] = {
        "postId": shown.post_id,
        "authorId": shown.user_id,
        "caption": composed(shown.caption),
        "hashtags": list(shown.hashtags),
        "createdAt": clock.iso(shown.created_at),
        "gist": sorted(likeness.gist(shown.caption)),
        "mediaType": shown.media_type,
        "likeCount": shown.like_count,
        "commentCount": shown.comment_count,
        "audience": shown.audience,
        "authorSince": clock.iso(author.created_at),
        "authorFollowers": author.follower_count,
    }
    if shown.location:
        point = {"lat": shown.location.lat, "lon": shown.location.lon}
        document["location"] = {"name": composed(shown.location.name), "point": point}
    if look:
        document |= {"fingerprint": look, "bands": pictures.bands(look)}
    return document


def hashtag(tag: str, post_count: int) -> dict[str, Any]:
    return {"hashtag": tag, "postCount": post_count}


def place(key: str, shown: Place, post_count: int) -> dict[str, Any]:
    point = {"lat": shown.lat, "lon": shown.lon}
    return {"place": key, "name": composed(shown.name), "point": point, "postCount": post_count}


def composed(text: str) -> str:
    """One code point per accented letter: the index would take a combining accent for a letter of its own."""
    return unicodedata.normalize("NFC", text)


def words(username: str) -> str:
    """A username as words: `ada.lovelace_1815` is found by each of its parts."""
    return re.sub(r"[._]+", " ", username).strip()


def indexable(shown: Post, author: Profile) -> bool:
    """Only what anyone may come across is in the index; visibility is decided again for each reader."""
    return shown.is_open and shown.audience == "followers" and not author.is_private
