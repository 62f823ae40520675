"""Posts on the real engine. Likes and comments are in `test_conversation.py`."""

from dataclasses import replace
from functools import partial

import pytest

from functions.posts import service, store
from functions.posts.model import Location, Mention, Post
from functions.posts.store import PostItem
from heliograph import counters, ids, transactions
from heliograph.counters import Counter, Total
from tests.stores.samples import committed, flat, joined, new_post, pages, written_post

WORDS = {
    "caption": "Dusk over the harbour, with @ben #light",
    "hashtags": ("light", "harbour"),
    "mentioned_users": (Mention("user-1", "ben"), Mention("user-2", "cleo")),
    "location": Location("Lisbon", 38.7223, -9.1393),
}


def _edit(before: Post, after: Post) -> bool:
    return committed(lambda transaction: store.edit(transaction, before, after))


def _publish(post: Post) -> bool:
    return committed(lambda transaction: store.publish(transaction, post))


def test_a_post_is_read_as_it_was_written() -> None:
    # given
    plain, full = written_post(), written_post(media_urls=("a.jpg", "b.jpg"), filter="dawn", **WORDS)
    # then
    assert store.post(plain.post_id) == plain
    assert store.post(full.post_id) == full
    assert store.post(ids.new_id()) is None
    assert store.as_post(PostItem.get(full.post_id)) == full


def test_an_id_is_used_once() -> None:
    # given
    post = written_post()
    # when
    again = committed(lambda transaction: store.put(transaction, replace(post, caption="Other words")))
    # then
    assert not again
    assert store.post(post.post_id) == post


def test_a_processing_post_is_published_once() -> None:
    # given
    post = written_post(status="processing")
    ready = replace(post, status="published", media_urls=("a.jpg",), filter="dawn")
    # when
    published = [_publish(ready) for _ in range(2)]
    store.fail(post.post_id, "corrupt")
    # then
    assert published == [True, False]
    assert store.post(post.post_id) == replace(ready, version=2)


def test_a_failed_post_is_not_published_and_none_is_made() -> None:
    # given
    post, unknown = written_post(status="processing"), new_post()
    # when
    store.fail(post.post_id, "corrupt")
    store.fail(unknown.post_id, "corrupt")
    # then
    assert store.post(post.post_id) == replace(post, status="failed", failure_reason="corrupt", version=2)
    assert not _publish(replace(post, media_urls=("a.jpg",)))
    assert not _publish(unknown)
    assert store.post(unknown.post_id) is None


def test_an_edit_writes_only_what_differs() -> None:
    # given somebody who edits the words while a count is written and a place is removed
    before = written_post(**WORDS)
    store.write_count(before.post_id, "likes", Total(3, 3))
    assert _edit(before, replace(before, location=None))
    # when
    edited = _edit(before, replace(before, caption="Night", hashtags=(), mentioned_users=()))
    # then
    assert edited
    assert store.post(before.post_id) == replace(
        before, caption="Night", hashtags=(), mentioned_users=(), location=None, like_count=3, version=4
    )


def test_words_that_are_others_by_now_are_not_edited_and_none_are_made() -> None:
    # given
    post, gone = written_post(caption="Dusk"), new_post()
    # then
    assert not _edit(replace(post, caption="Dawn"), replace(post, caption="Night"))
    assert not _edit(gone, replace(gone, caption="Night"))
    assert store.post(post.post_id) == post
    assert store.post(gone.post_id) is None


def test_archiving_goes_back_and_forth() -> None:
    # given
    post, processing = written_post(), written_post(status="processing")

    def archive(post_id: str, archived: bool) -> bool:
        return committed(lambda transaction: store.archive(transaction, post_id, archived=archived))

    # when
    steps = [archive(post.post_id, archived) for archived in (False, True, True, False)]
    # then
    assert steps == [False, True, False, True]
    assert not archive(processing.post_id, archived=True)
    assert store.post(post.post_id) == replace(post, version=3)


def test_a_post_is_deleted_only_in_the_state_that_was_seen() -> None:
    # given
    post = written_post()

    def delete(seen: Post) -> bool:
        return committed(lambda transaction: store.delete(transaction, seen))

    # when
    deleted = [delete(replace(post, is_archived=True)), delete(replace(post, status="processing")), delete(post)]
    # then
    assert deleted == [False, False, True]
    assert store.post(post.post_id) is None
    assert not delete(post)


def test_many_posts_are_read_at_once() -> None:
    # given
    made = [written_post() for _ in range(4)]
    unknown = [ids.new_id() for _ in range(120)]
    # then
    assert store.posts([made[0].post_id, *unknown, *(post.post_id for post in made)]) == {
        post.post_id: post for post in made
    }


@pytest.mark.parametrize("limit", [1, 2, 5, 6])
def test_somebodys_posts_are_paged_newest_first(limit: int) -> None:
    # given published, archived and unpublished posts of one author in turn
    author = ids.new_id()
    made = [
        written_post(user_id=author, **changes)
        for _ in range(5)
        for changes in ({}, {"is_archived": True}, {"status": "processing"}, {"status": "failed"})
    ]
    in_view = [post.post_id for post in made if post.is_open][::-1]
    put_away = [post.post_id for post in made if post.is_archived][::-1]
    # when
    shown = pages(partial(store.published_by, author, limit=limit, archived=False))
    # then
    assert flat(shown) == in_view
    assert all(len(page) == limit for page in shown[:-1])
    assert flat(pages(partial(store.published_by, author, limit=limit, archived=True))) == put_away


@pytest.mark.parametrize(("name", "attribute"), [("likes", "like_count"), ("comments", "comment_count")])
def test_a_count_is_never_replaced_by_an_older_reading(name: str, attribute: str) -> None:
    # given
    post, unknown = written_post(), ids.new_id()
    # when
    for total in (Total(3, 5), Total(1, 3), Total(9, 5)):
        store.write_count(post.post_id, name, total)
    store.write_count(unknown, name, Total(1, 1))
    # then
    assert store.post(post.post_id) == replace(post, **{attribute: 3}, version=2)
    assert store.post(unknown) is None


@pytest.mark.parametrize("limit", [1, 3, 8])
def test_all_posts_of_somebody_are_paged_oldest_first(limit: int) -> None:
    # given posts in every state
    author = ids.new_id()
    states = ({}, {"is_archived": True}, {"status": "processing"}, {"status": "failed"})
    made = [written_post(user_id=author, **changes).post_id for changes in states]
    # then
    assert flat(pages(partial(store.written_by, author, limit=limit))) == made


def test_archived_and_deleted_posts_are_not_counted() -> None:
    # given
    author = joined()
    counter = Counter("user", author, "posts")
    written = [written_post(user_id=author).post_id for _ in range(3)]
    for post_id in written:
        transactions.commit(lambda transaction, post_id=post_id: counters.add(transaction, counter, actor=post_id))
    # when
    service.archive(author, written[0], archived=True)
    service.delete(author, written[1])
    # then
    assert counters.total(counter).value == 1
    # and one that is archived is not taken off again when it is deleted
    service.delete(author, written[0])
    assert counters.total(counter).value == 1
