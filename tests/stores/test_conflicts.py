"""Writes that meet another transaction wait for it, and say so when that takes too long."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from pynamodb.exceptions import TransactWriteError, UpdateError

from functions.accounts import store as accounts
from functions.media import store as media
from functions.posts import comments
from functions.posts import store as posts
from heliograph import clock, counters, ids, transactions
from heliograph.counters import Counter, Total
from heliograph.errors import Unavailable
from heliograph.transactions import ConditionFailed, Contention
from tests.stores.conflicts import answering
from tests.stores.samples import joined, new_comment, new_media, written_post

ALWAYS = 100


@pytest.mark.parametrize(
    ("code", "reasons"),
    [
        ("TransactionCanceledException", ("None", "TransactionConflict")),
        ("TransactionInProgressException", ()),
    ],
)
def test_a_transaction_waits_for_another(code: str, reasons: tuple[str, ...]) -> None:
    # given
    counter = Counter("post", ids.new_id(), "likes")

    def build(transaction: Any) -> None:
        counters.add(transaction, counter, actor="ada")

    # when
    with answering("TransactWriteItems", code, *reasons, times=3) as asked:
        transactions.commit(build)
    # then it is written once
    assert len(asked) == 4
    assert counters.total(counter) == Total(1, 1)


def test_a_conflict_that_outlasts_the_retries_is_told() -> None:
    # given
    counter = Counter("post", ids.new_id(), "likes")
    conflict = ("TransactionCanceledException", "TransactionConflict")
    # when
    with answering("TransactWriteItems", *conflict, times=ALWAYS) as asked, pytest.raises(Contention):
        transactions.commit(lambda transaction: counters.add(transaction, counter, actor="ada"))
    # then
    assert len(asked) == 6
    assert counters.total(counter) == Total(0, 0)


def test_a_failed_condition_beside_a_conflict_is_final() -> None:
    # given
    reasons = ("TransactionConflict", "ConditionalCheckFailed")
    # when
    refusing = answering("TransactWriteItems", "TransactionCanceledException", *reasons, times=ALWAYS)
    with refusing as asked, pytest.raises(ConditionFailed) as failure:
        transactions.commit(lambda transaction: counters.add(transaction, Counter("post", "1", "likes"), actor="ada"))
    # then
    assert (len(asked), failure.value.positions) == (1, {1})


def test_any_other_reason_is_passed_on() -> None:
    # when
    refusing = answering("TransactWriteItems", "TransactionCanceledException", "ValidationError", times=ALWAYS)
    # then
    with refusing as asked, pytest.raises(TransactWriteError):
        joined()
    assert len(asked) == 1


def _count() -> bool:
    post = written_post()
    posts.write_count(post.post_id, "likes", Total(1, 1))
    return posts.post(post.post_id) == replace(post, like_count=1, version=2)


def _begin() -> bool:
    upload = new_media()
    media.create(upload, expires_at=clock.epoch(clock.now()) + 3600)
    return media.begin(upload.media_id)


def _count_comment() -> bool:
    comment = new_comment(ids.new_id())
    transactions.commit(lambda transaction: comments.put(transaction, comment))
    comments.write_count(comment.comment_id, "likes", Total(1, 1))
    return comments.comment(comment.comment_id) == replace(comment, like_count=1)


def _change_user() -> bool:
    return accounts.change_user(joined(), [accounts.UserItem.bio.set("Light")])


@pytest.mark.parametrize("write", [_count, _begin, _count_comment, _change_user])
def test_an_update_waits_for_a_transaction(write: Callable[[], bool]) -> None:
    # when
    with answering("UpdateItem", "TransactionConflictException", times=3) as asked:
        written = write()
    # then
    assert written
    assert len(asked) == 4


def _delete_media() -> bool:
    upload = new_media()
    media.create(upload, expires_at=clock.epoch(clock.now()) + 3600)
    media.delete(upload.media_id)
    return media.find(upload.media_id, consistent=True) is None


def _delete_comments() -> bool:
    comment = new_comment(ids.new_id())
    transactions.commit(lambda transaction: comments.put(transaction, comment))
    comments.delete_all(comment.post_id)
    return comments.comment(comment.comment_id) is None


@pytest.mark.parametrize("delete", [_delete_media, _delete_comments])
def test_a_delete_waits_for_a_transaction(delete: Callable[[], bool]) -> None:
    # when
    with answering("DeleteItem", "TransactionConflictException", times=3) as asked:
        deleted = delete()
    # then
    assert deleted
    assert len(asked) == 4


def test_any_other_error_of_a_single_write_is_passed_on() -> None:
    # given
    user_id = joined()
    refusing = answering("UpdateItem", "ItemCollectionSizeLimitExceededException", times=ALWAYS)
    # then
    with refusing as asked, pytest.raises(UpdateError):
        accounts.change_user(user_id, [accounts.UserItem.bio.set("Light")])
    assert len(asked) == 1


def test_a_write_that_waits_in_vain_says_so() -> None:
    # given
    user_id = joined()
    # when, then a client is told to come again (503), not that something is broken
    with answering("UpdateItem", "TransactionConflictException", times=ALWAYS), pytest.raises(Unavailable):
        accounts.change_user(user_id, [accounts.UserItem.bio.set("Light")])
    # then
    user = accounts.user(user_id, consistent=True)
    assert user is not None
    assert user.bio == ""


def test_a_read_that_is_always_overtaken_is_told() -> None:
    # given somebody who is faster each time
    tries: list[int] = []

    def overtaken() -> None:
        tries.append(1)
        raise ConditionFailed(frozenset({0}))

    # when, then
    with pytest.raises(Contention):
        transactions.while_unchanged(overtaken)
    assert len(tries) > 1
