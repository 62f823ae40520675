"""Table mentions: which posts, comments and stories mention an account. Written together with these.

`content`: `post#<id>`, `comment#<id>` or `story#<id>`. A story's entries expire with it. An entry may
outlive the mention by a moment, so whoever follows one looks at the content; there is no mention without an entry.
"""

from collections.abc import Iterable
from datetime import datetime

from pynamodb.attributes import TTLAttribute, UnicodeAttribute
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from functions.posts.model import Mention
from heliograph import tables


class MentionItem(Model):
    class Meta(tables.Meta):
        table_name = tables.name("mentions")

    user_id = UnicodeAttribute(hash_key=True, attr_name="userId")
    content_id = UnicodeAttribute(range_key=True, attr_name="contentId")
    expires_at = TTLAttribute(attr_name="expiresAt", null=True)


def put(
    transaction: TransactWrite, content: str, mentioned: Iterable[Mention], *, expires_at: datetime | None = None
) -> None:
    """Add to the transaction: the content mentions these accounts."""
    for mention in mentioned:
        transaction.save(MentionItem(mention.user_id, content, expires_at=expires_at))


def delete(transaction: TransactWrite, content: str, mentioned: Iterable[Mention]) -> None:
    """Add to the transaction: the content does not mention these accounts any more."""
    for mention in mentioned:
        transaction.delete(MentionItem(mention.user_id, content))


def replace(transaction: TransactWrite, content: str, before: Iterable[Mention], after: Iterable[Mention]) -> None:
    """Add to the transaction what turns the mentions `before` into those `after`."""
    old, new = set(before), set(after)
    delete(transaction, content, old - new)
    put(transaction, content, new - old)


def first(user_id: str, kind: str, limit: int) -> list[str]:
    """The ids of some content of a kind (`post`, `comment`, `story`) that mentions an account, read consistently."""
    items = MentionItem.query(user_id, MentionItem.content_id.startswith(f"{kind}#"), limit=limit, consistent_read=True)
    return [item.content_id.removeprefix(f"{kind}#") for item in items]


def drop(user_id: str, content: str) -> None:
    tables.delete(MentionItem(user_id, content))
