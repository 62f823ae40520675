"""Keeping the index true: each event makes the consumer read the truth again, and write or drop one document."""

from functions.accounts import service as accounts
from functions.discovery import documents, index, labels, places
from functions.media import service as media
from functions.posts import service as posts
from heliograph import counters
from heliograph.counters import Counter, Total


def user(user_id: str) -> None:
    profile = accounts.profiles([user_id]).get(user_id)
    if profile:
        index.put("users", user_id, documents.user(profile), profile.version)


def deleted_user(user_id: str, version: int) -> None:
    index.delete("users", user_id, version)


def post(post_id: str) -> None:
    """Index a post that anyone may come across, drop one that is hidden now. One that is gone has its own event."""
    shown = posts.published(post_id)
    author = shown and accounts.profiles([shown.user_id]).get(shown.user_id)
    if not shown or not author:
        return
    if documents.indexable(shown, author):
        look = media.looks(shown.media_ids[:1]).get(shown.media_ids[0]) if shown.media_ids else None
        index.put("posts", post_id, documents.post(shown, author, look), shown.version)
    else:
        index.delete("posts", post_id, shown.version)


def deleted_post(post_id: str, version: int) -> None:
    index.delete("posts", post_id, version)


def hashtag(tag: str) -> None:
    """Index a hashtag with its true count; one that no post carries any more is dropped."""

    def write(total: Total) -> None:
        if total.value > 0:
            index.put("hashtags", tag, documents.hashtag(tag, total.value), total.operations)
        else:
            index.delete("hashtags", tag, total.operations)

    counters.settle(Counter("hashtag", tag, "posts"), write)


def place(key: str) -> None:
    """Index a place with its true count, named as by its newest post; one that no post carries any more is dropped."""
    label = labels.label_of_place(key)

    def write(total: Total) -> None:
        shown = places.named(label) if total.value > 0 else None
        if shown:
            index.put("places", key, documents.place(key, shown, total.value), total.operations)
        else:
            index.delete("places", key, total.operations)

    counters.settle(Counter("place", key, "posts"), write)
