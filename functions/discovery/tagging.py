"""Which posts carry which hashtag: kept equal to what the posts themselves say."""

from collections.abc import Iterable

from functions.discovery import store
from functions.posts import service as posts
from functions.posts.service import Post


def settle(post_id: str, candidates: Iterable[str]) -> None:
    """Make the table agree with a post; `candidates` are hashtags it may have carried before.

    What the post says is read again after the writes, until it is what was written: another delivery that read an
    older or newer post cannot have the last word.
    """
    written = set(candidates)
    post = posts.published(post_id)
    while True:
        carried = _hashtags(post)
        for hashtag in written - carried:
            store.remove(hashtag, post_id)
        if post:
            for hashtag in carried:
                store.add(hashtag, post)
        written |= carried
        post = posts.published(post_id)
        if _hashtags(post) == carried:
            return


def _hashtags(post: Post | None) -> set[str]:
    """The hashtags under which a post can be found: those of open posts that are not for close friends alone."""
    return set(post.hashtags) if post and post.is_open and post.audience == "followers" else set()
