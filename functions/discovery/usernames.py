"""Table usernames: usernames by their beginning, for searches without the index. Made from the accounts by events."""

from pynamodb.attributes import UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.models import Model

from heliograph import tables
from heliograph.tables import Slice

BEGINNING = 2
# Before and after every character of a username.
LEAST, MOST = "!", "~"


class UsernamesByUser(GlobalSecondaryIndex["UsernameItem"]):
    class Meta:
        index_name = "byUser"
        projection = KeysOnlyProjection()

    user_id = UnicodeAttribute(hash_key=True, attr_name="userId")
    username = UnicodeAttribute(range_key=True)


class UsernameItem(Model):
    class Meta(tables.Meta):
        table_name = tables.name("usernames")

    beginning = UnicodeAttribute(hash_key=True)
    username = UnicodeAttribute(range_key=True)
    user_id = UnicodeAttribute(attr_name="userId")

    by_user = UsernamesByUser()


def keep(user_id: str, username: str | None) -> None:
    """Let an account be found by this username, and no longer by others it had; by none for None. Idempotent."""
    if username is not None:
        UsernameItem(username[:BEGINNING], username, user_id=user_id).save()
    for item in UsernameItem.by_user.query(user_id):
        if item.username != username:
            # Somebody else may have taken the name since.
            tables.delete_if(item, UsernameItem.user_id == user_id)


def beginning_with(typed: str, after: str | None, limit: int) -> Slice[tuple[str, str]]:
    """(username, user id) in the order of the usernames, after the one given. None are found by a single letter."""
    if len(typed) < BEGINNING:
        return Slice([], None)
    first = typed if after is None else after + LEAST
    items = UsernameItem.query(typed[:BEGINNING], UsernameItem.username.between(first, typed + MOST), limit=limit + 1)
    return tables.cut(((item.username, item.user_id) for item in items), limit, lambda found: found[0])
