"""Keeping the index true: each event makes the consumer read the truth again, and write or drop one document.

Why versions order everything that is ever written of a document. What it shows are one or two items (a post and its
author), read consistently, and each item's version grows with every write to it. The document's version is their sum.
Two readings that found the same versions show the same. Of two that differ, the one that found all versions at least
as high has the higher sum; only readings that overlapped a change of both items can have found neither, and may then
have any order, but they do not have the last word: the last change has an event of its own, whoever handles it reads
after all changes, finds every version at its highest, and so has a sum above that of every reading that differs from
it. Its write wins, whenever it arrives. The shards of a counter are ordered likewise by all they have ever counted;
they are read again after the write, because several events of one counter are handled at once.

What is gone for good (ids are never used again) is dropped with a version above all (`index.GONE`). The engine may
forget that after an hour (`gc_deletes`); no reading is held for so long, and a later one finds nothing to write.
"""

from collections.abc import Callable, Iterable

from functions.accounts import service as accounts
from functions.accounts.service import Profile
from functions.discovery import documents, index, labels, places
from functions.discovery.index import GONE, Key, Write
from functions.discovery.mappings import Kind
from functions.media import service as media
from functions.posts import service as posts
from functions.posts.service import Post
from heliograph import counters

# Kinds whose documents are made of counters.
COUNTED: frozenset[Kind] = frozenset({"hashtags", "places"})


def settle(keys: Iterable[Key]) -> set[Key]:
    """Make the index agree with the tables about these, in one request; those that it refuses. Raises Unavailable."""
    refused: set[Key] = set()
    pending = writes(keys)
    while pending:
        refused |= index.send(pending)
        again = writes(write.key for write in pending if write.kind in COUNTED)
        pending = [write for write in again if write not in pending]
    return refused


def writes(keys: Iterable[Key]) -> list[Write]:
    """What the index has to say of each of these, as the tables say now."""
    return [write for kind, ids in by_kind(keys).items() for write in _READERS[kind](ids)]


def by_kind(keys: Iterable[Key]) -> dict[Kind, list[str]]:
    """The ids of each kind, each once."""
    wanted: dict[Kind, dict[str, None]] = {}
    for kind, document_id in keys:
        wanted.setdefault(kind, {})[document_id] = None
    return {kind: list(ids) for kind, ids in wanted.items()}


def user(user_id: str, profile: Profile | None) -> Write:
    """An account; one that is being deleted is hidden until it is taken back."""
    if profile is None:
        return Write("users", user_id, GONE, None)
    shown = None if profile.is_deactivated else documents.user(profile)
    return Write("users", user_id, profile.version, shown)


def post(post_id: str, shown: Post | None, author: Profile | None, look: str | None) -> Write:
    """A post; one that not everybody may come across is hidden. `look`: the perceptual hash of its first picture."""
    if shown is None or author is None:
        return Write("posts", post_id, GONE, None)
    document = documents.post(shown, author, look) if documents.indexable(shown, author) else None
    return Write("posts", post_id, shown.version + author.version, document)


def hashtag(tag: str) -> Write:
    """A hashtag with its true count; one that no post carries is hidden."""
    total = counters.total(labels.counter(tag))
    return Write("hashtags", tag, total.operations, documents.hashtag(tag, total.value) if total.value > 0 else None)


def place(key: str) -> Write:
    """A place with its true count, named as by its newest post; one that no post carries is hidden."""
    label = labels.label_of_place(key)
    total = counters.total(labels.counter(label))
    shown = places.named(label) if total.value > 0 else None
    return Write("places", key, total.operations, documents.place(key, shown, total.value) if shown else None)


def _users(user_ids: list[str]) -> list[Write]:
    profiles = accounts.profiles(user_ids, consistent=True)
    return [user(user_id, profiles.get(user_id)) for user_id in user_ids]


def _posts(post_ids: list[str]) -> list[Write]:
    shown = posts.as_written(post_ids)
    authors = accounts.profiles({item.user_id for item in shown.values()}, consistent=True)
    looks = media.looks(item.media_ids[0] for item in shown.values() if item.media_ids)

    def write(post_id: str) -> Write:
        item = shown.get(post_id)
        if item is None:
            return post(post_id, None, None, None)
        return post(post_id, item, authors.get(item.user_id), looks.get(item.media_ids[0]) if item.media_ids else None)

    return list(map(write, post_ids))


def _hashtags(tags: list[str]) -> list[Write]:
    return [hashtag(tag) for tag in tags]


def _places(keys: list[str]) -> list[Write]:
    return [place(key) for key in keys]


_READERS: dict[Kind, Callable[[list[str]], list[Write]]] = {
    "users": _users,
    "posts": _posts,
    "hashtags": _hashtags,
    "places": _places,
}
