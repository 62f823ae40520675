"""What can be had while the index is down: people by the beginning of their username, posts by one very hashtag."""

from typing import Any

from functions.discovery import queries, store, usernames
from heliograph import plaintext, tables
from heliograph.tables import Slice


def users(text: str, position: Any, count: int) -> Slice[str]:
    """Ids of accounts whose username begins so, in the order of the usernames."""
    found = usernames.beginning_with(queries.handle(text), position, count)
    return Slice([user_id for _, user_id in found.items], found.next)


def posts(text: str, position: Any, count: int) -> Slice[str]:
    """Ids of the posts with the hashtag that was typed, newest first."""
    tag = queries.tag(text)
    if plaintext.has_unseen(tag):
        return Slice([], None)
    return tables.cut(store.newest(tag, position, count + 1), count, position=str)
