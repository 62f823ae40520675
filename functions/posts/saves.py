"""Table saves: which posts an account keeps, for itself alone.

By account and post, so that a page of posts is looked up with one query (`tables.among`); in the order of saving by an
index; and by post, to be forgotten with it.
"""

from collections.abc import Iterable
from datetime import datetime

from pynamodb.attributes import UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.models import Model

from heliograph import ids, tables
from heliograph.tables import Slice


class SavesByTime(GlobalSecondaryIndex["SaveItem"]):
    class Meta:
        index_name = "byTime"
        projection = KeysOnlyProjection()

    user_id = UnicodeAttribute(hash_key=True, attr_name="userId")
    save_id = UnicodeAttribute(range_key=True, attr_name="saveId")


class SavesByPost(GlobalSecondaryIndex["SaveItem"]):
    class Meta:
        index_name = "byPost"
        projection = KeysOnlyProjection()

    post_id = UnicodeAttribute(hash_key=True, attr_name="postId")
    user_id = UnicodeAttribute(range_key=True, attr_name="userId")


class SaveItem(Model):
    class Meta(tables.Meta):
        table_name = tables.name("saves")

    user_id = UnicodeAttribute(hash_key=True, attr_name="userId")
    post_id = UnicodeAttribute(range_key=True, attr_name="postId")
    # Made when the post is saved: its order is the order of saving.
    save_id = UnicodeAttribute(attr_name="saveId")

    by_time = SavesByTime()
    by_post = SavesByPost()


def put(user_id: str, post_id: str) -> None:
    """Save a post; one that is saved already keeps its place."""
    tables.put_if(SaveItem(user_id, post_id, save_id=ids.new_id()), SaveItem.user_id.does_not_exist())


def delete(user_id: str, post_id: str) -> None:
    tables.delete(SaveItem(user_id, post_id))


def saved(user_id: str, post_ids: Iterable[str]) -> set[str]:
    """Which of the posts this account has saved."""
    return tables.among(SaveItem, user_id, SaveItem.post_id, post_ids, lambda item: item.post_id)


def saved_by(user_id: str, after: str | None, limit: int) -> Slice[str]:
    """The ids of the posts that an account has saved, the last saved first. A position is the id of a save."""
    page = _page(user_id, after, limit)
    return Slice([item.post_id for item in page.items], page.next)


def times(user_id: str, after: str | None, limit: int) -> Slice[tuple[str, datetime]]:
    """As `saved_by`, with the time at which each was saved."""
    page = _page(user_id, after, limit)
    return Slice([(item.post_id, ids.created_at(item.save_id)) for item in page.items], page.next)


def forget(post_id: str) -> None:
    """Delete every save of a post that is gone."""
    with SaveItem.batch_write() as batch:
        for item in SaveItem.by_post.query(post_id):
            batch.delete(SaveItem(item.user_id, post_id))


def _page(user_id: str, after: str | None, limit: int) -> Slice[SaveItem]:
    items = SaveItem.by_time.query(
        user_id, SaveItem.save_id < after if after else None, scan_index_forward=False, limit=limit + 1
    )
    return tables.cut(items, limit, lambda item: item.save_id)
