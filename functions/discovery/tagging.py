"""Which posts carry which label: kept equal to what the posts, and the privacy of their authors, say."""

from collections.abc import Iterable
from dataclasses import dataclass

from functions.accounts import service as accounts
from functions.discovery import activity, labels, store
from functions.posts import service as posts
from functions.posts.service import Post
from heliograph.events import Place


@dataclass(frozen=True)
class _Truth:
    """`post`: one that can be found under its labels, as it is now; None for any other."""

    post: Post | None
    is_private: bool = False

    @property
    def carried(self) -> frozenset[str]:
        return labels_of(self.post) if self.post else frozenset()

    def says_as(self, other: "_Truth") -> bool:
        return (self.carried, self.is_private) == (other.carried, other.is_private)


def settle(post_id: str, candidates: Iterable[str]) -> None:
    """Make the tables agree with a post and its author; `candidates` are labels it may have carried before.

    What is true is read again after the writes, until it is what was written: another delivery that read an older or
    newer post or author cannot have the last word.
    """
    written = set(candidates)
    truth = _read(post_id)
    while True:
        for label in written - truth.carried:
            store.remove(label, post_id)
        if truth.post:
            for label in truth.carried:
                store.add(label, truth.post, is_private=truth.is_private)
        written |= truth.carried
        again = _read(post_id)
        if again.says_as(truth):
            break
        truth = again
    if truth.post and not truth.is_private:
        activity.note(truth.post, truth.carried)


def labels_of(post: Post) -> frozenset[str]:
    return labels.of(post.hashtags, place_of(post))


def place_of(post: Post) -> Place | None:
    return Place(name=post.location.name, lat=post.location.lat, lon=post.location.lon) if post.location else None


def _read(post_id: str) -> _Truth:
    """Posts that are put away, or for close friends alone, are found under no label."""
    post = posts.published(post_id)
    if post is None or not post.is_open or post.audience != "followers":
        return _Truth(None)
    return _Truth(post, not accounts.is_public(post.user_id))
