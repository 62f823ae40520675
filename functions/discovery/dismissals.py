"""The table of dismissals: whom somebody does not want to be told to follow. Forgotten after half a year."""

from collections.abc import Iterable
from datetime import timedelta

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

from heliograph import batches, clock, tables
from heliograph.tables import Slice, TimeAttribute

# People change, and so does what one thinks of them; and nobody's id stays for good where others keep it.
KEPT_FOR = timedelta(days=180)


class DismissalItem(Model):
    class Meta(tables.Meta):
        table_name = tables.name("dismissals")

    user_id = UnicodeAttribute(hash_key=True, attr_name="userId")
    dismissed_id = UnicodeAttribute(range_key=True, attr_name="dismissedId")
    created_at = TimeAttribute(attr_name="createdAt")
    expires_at = NumberAttribute(attr_name="expiresAt")


def put(user_id: str, dismissed_id: str) -> None:
    """Remember that somebody does not want to see somebody. Again: from now on anew."""
    now = clock.now()
    DismissalItem(user_id, dismissed_id, created_at=now, expires_at=clock.epoch(now + KEPT_FOR)).save()


def delete(user_id: str, dismissed_id: str) -> None:
    """Take it back; that it is not there is no error."""
    tables.delete(DismissalItem(user_id, dismissed_id))


def among(user_id: str, others: Iterable[str]) -> set[str]:
    """Which of these somebody has dismissed, for half a read unit where few were."""
    return tables.among(DismissalItem, user_id, DismissalItem.dismissed_id, others, lambda item: item.dismissed_id)


def page(user_id: str, after: str | None, limit: int) -> Slice[DismissalItem]:
    """All that somebody has dismissed, in the order of ids."""
    condition = DismissalItem.dismissed_id > after if after else None
    items = DismissalItem.query(user_id, condition, limit=limit + 1, consistent_read=True)
    return tables.cut(items, limit, lambda item: item.dismissed_id)


def clear(user_id: str, limit: int) -> list[str]:
    """Delete up to `limit` of somebody's dismissals; whom they were of."""
    dismissed = [item.dismissed_id for item in DismissalItem.query(user_id, limit=limit, consistent_read=True)]
    batches.delete(DismissalItem, ({"userId": user_id, "dismissedId": other} for other in dismissed))
    return dismissed
