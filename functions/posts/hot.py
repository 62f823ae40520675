"""What is shown of posts that very many look at, as this process has lately read it: posts, their authors, their media.

None of it depends on who looks. A change shows within SECONDS. Only what is read far more often than it changes is
kept: everybody else's posts are as last written.
"""

from collections.abc import Iterable

from functions.accounts import service as accounts
from functions.accounts.service import Profile
from functions.media import service as media_service
from functions.media.service import MediaView
from functions.posts import store
from functions.posts.model import Post
from heliograph.hot import HotCache

SECONDS = 2.0
SIZE = 5_000
# Likes and comments of a post, and followers of an author, from which on many look at the same time.
ENGAGEMENT = 1_000
FOLLOWERS = 100_000


def _posts(post_ids: list[str]) -> dict[str, Post]:
    return store.posts(post_ids)


def _authors(user_ids: list[str]) -> dict[str, Profile]:
    return accounts.profiles(user_ids)


def _media(media_ids: list[str]) -> dict[str, MediaView]:
    return media_service.views(media_ids)


def media_of(shown: Iterable[Post]) -> dict[str, MediaView]:
    """The media of posts, by id."""
    viral: list[str] = []
    others: list[str] = []
    for post in shown:
        (viral if _is_viral(post) else others).extend(post.media_ids)
    return {**_viral_media.get(viral), **media_service.views(others)}


def _is_viral(post: Post | None) -> bool:
    return post is not None and post.like_count + post.comment_count >= ENGAGEMENT


def _is_famous(author: Profile | None) -> bool:
    return author is not None and author.follower_count >= FOLLOWERS


posts = HotCache[Post](_posts, seconds=SECONDS, size=SIZE, kept=_is_viral)
authors = HotCache[Profile](_authors, seconds=SECONDS, size=SIZE, kept=_is_famous)
_viral_media = HotCache[MediaView](_media, seconds=SECONDS, size=SIZE)
