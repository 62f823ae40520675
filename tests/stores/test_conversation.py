"""Likes and comments on the real engine."""

from dataclasses import replace
from functools import partial

import pytest

from functions.posts import comments as comment_store
from functions.posts import store
from functions.posts.comments import CommentItem
from functions.posts.model import Comment, Mention
from functions.posts.store import LikeItem
from heliograph import clock, ids, transactions
from tests.capacity import Meter
from tests.stores.samples import committed, flat, new_comment, pages


def _like(post_id: str, user_id: str) -> bool:
    item = LikeItem(post_id, user_id, author_id="author", created_at=clock.now())
    return committed(lambda transaction: store.put_like(transaction, item))


def _unlike(post_id: str, user_id: str) -> bool:
    return committed(lambda transaction: store.delete_like(transaction, post_id, user_id))


def _put(comment: Comment) -> bool:
    return committed(lambda transaction: comment_store.put(transaction, comment))


def _written(post_id: str, count: int, parent: str | None = None) -> list[Comment]:
    comments = [new_comment(post_id, parent_comment_id=parent) for _ in range(count)]
    for comment in comments:
        assert _put(comment)
    return comments


# --- Likes ----------------------------------------------------------------------------------------------------------


def test_a_like_is_given_once_and_taken_back_once() -> None:
    # given
    post_id, user_id = ids.new_id(), ids.new_id()
    # then
    assert [_like(post_id, user_id) for _ in range(2)] == [True, False]
    assert set(store.liked(user_id, [post_id, ids.new_id()])) == {post_id}
    assert [_unlike(post_id, user_id) for _ in range(2)] == [True, False]
    assert store.liked(user_id, [post_id]) == {}


def test_likes_of_many_posts_are_asked_for_at_once(meter: Meter) -> None:
    # given
    user_id, liked = ids.new_id(), [ids.new_id() for _ in range(3)]
    for post_id in liked:
        _like(post_id, user_id)
    meter.requests.clear()
    # when
    found = store.liked(user_id, [*liked, *(ids.new_id() for _ in range(120))])
    # then
    assert set(found) == set(liked)
    assert [request.operation for request in meter.requests] == ["BatchGetItem"] * 2


@pytest.mark.parametrize("limit", [1, 3, 6, 7])
def test_likers_are_paged_in_key_order(limit: int) -> None:
    # given
    post_id, users = ids.new_id(), [ids.new_id() for _ in range(6)]
    for user_id in users:
        _like(post_id, user_id)
    # then
    found = pages(partial(store.likers, post_id, limit=limit))
    assert flat(found) == sorted(users)
    assert all(len(page) == limit for page in found[:-1])


def test_all_likes_of_a_post_are_deleted_and_no_others(meter: Meter) -> None:
    # given more than one batch of 25
    post_id, other, fan = ids.new_id(), ids.new_id(), ids.new_id()
    with LikeItem.batch_write() as batch:
        for _ in range(30):
            batch.save(LikeItem(post_id, ids.new_id(), author_id="author", created_at=clock.now()))
    _like(other, fan)
    meter.requests.clear()
    # when
    store.delete_likes(post_id)
    # then
    assert store.likers(post_id, None, 50).items == []
    assert store.likers(other, None, 50).items == [fan]
    assert next(request.params["ConsistentRead"] for request in meter.requests if request.operation == "Query")
    # and again, when there is none
    store.delete_likes(post_id)


# --- Comments -------------------------------------------------------------------------------------------------------


def test_a_comment_is_read_as_it_was_written() -> None:
    # given
    comment = new_comment(ids.new_id())
    # then
    assert [_put(comment), _put(comment)] == [True, False]
    assert comment_store.comment(comment.comment_id) == comment
    assert comment_store.comment(ids.new_id()) is None
    assert comment_store.as_comment(CommentItem.get(comment.comment_id)) == comment


def test_a_reply_needs_what_it_replies_to() -> None:
    # given
    [parent] = _written(ids.new_id(), 1)
    reply = new_comment(parent.post_id, parent_comment_id=parent.comment_id)
    orphan = new_comment(parent.post_id, parent_comment_id=ids.new_id())
    # then
    assert _put(reply)
    assert comment_store.comment(reply.comment_id) == reply
    with pytest.raises(transactions.ConditionFailed) as failure:
        transactions.commit(lambda transaction: comment_store.put(transaction, orphan))
    assert failure.value.positions == {0}
    assert comment_store.comment(orphan.comment_id) is None


def test_only_a_comment_that_still_says_the_same_is_edited() -> None:
    # given
    [comment] = _written(ids.new_id(), 1)
    unknown = new_comment(ids.new_id())
    better = replace(comment, content="Better words, @ben", mentioned_users=(Mention("user-1", "ben"),), is_edited=True)

    def edit(before: Comment, after: Comment) -> bool:
        return committed(lambda transaction: comment_store.edit(transaction, before, after))

    # then
    assert [edit(comment, better), edit(comment, replace(comment, content="Too late"))] == [True, False]
    assert comment_store.comment(comment.comment_id) == better
    assert not edit(unknown, better)
    assert comment_store.comment(unknown.comment_id) is None


def test_a_comment_is_deleted_once() -> None:
    # given
    [comment] = _written(ids.new_id(), 1)

    def delete() -> bool:
        return committed(lambda transaction: comment_store.delete(transaction, comment.comment_id))

    # then
    assert [delete(), delete()] == [True, False]
    assert comment_store.comment(comment.comment_id) is None


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("limit", [1, 2, 5, 6])
def test_a_thread_is_paged_in_both_directions(limit: int, newest_first: bool) -> None:
    # given
    post_id = ids.new_id()
    comments = _written(post_id, 5)
    replies = _written(post_id, 2, comments[0].comment_id)
    # when
    found = pages(partial(comment_store.thread, post_id, limit=limit, newest_first=newest_first))
    # then replies hang on their comment, not on the post
    assert flat(found) == (comments[::-1] if newest_first else comments)
    assert all(len(page) == limit for page in found[:-1])
    assert comment_store.thread(comments[0].comment_id, None, 10, newest_first=False).items == replies
    assert comment_store.whole_thread(post_id) == comments


def test_a_post_that_is_gone_loses_all_comments_and_replies() -> None:
    # given
    post_id, other = ids.new_id(), ids.new_id()
    comments = _written(post_id, 2)
    replies = [*_written(post_id, 27, comments[0].comment_id), *_written(post_id, 1, comments[1].comment_id)]
    kept = _written(other, 1)
    # when, twice
    for _ in range(2):
        comment_store.delete_all(post_id)
    # then
    assert [comment_store.comment(comment.comment_id) for comment in (*comments, *replies)] == [None] * 30
    assert comment_store.whole_thread(other) == kept


# --- Of one person --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [1, 2, 5])
def test_what_somebody_likes_and_writes_is_paged(limit: int) -> None:
    # given
    user_id, post_id = ids.new_id(), ids.new_id()
    liked = sorted(ids.new_id() for _ in range(4))
    for one in liked:
        _like(one, user_id)
    comments = [new_comment(post_id, user_id=user_id) for _ in range(4)]
    for comment in (*comments, new_comment(post_id)):
        _put(comment)
    # then
    assert flat(pages(partial(store.liked_by, user_id, limit=limit))) == liked
    written = flat(pages(partial(comment_store.written_by, user_id, limit=limit)))
    assert written == [comment.comment_id for comment in comments]
    assert comment_store.comments([*written, ids.new_id()]) == {comment.comment_id: comment for comment in comments}
