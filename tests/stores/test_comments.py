"""What can be done with comments, on the real engine: likes, replies, pins, mentions, and what an author turns off."""

from collections.abc import Callable
from functools import partial

import pytest

from functions.accounts.store import create_user
from functions.graph import service as graph
from functions.posts import comments, conversation, mentions, pinning, service, store
from functions.posts import personal as posts_personal
from functions.posts.model import MAX_PINNED, Comment
from heliograph import clock, counters, ids, transactions
from heliograph.counters import Counter, Total
from heliograph.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from heliograph.reading import Pipeline
from tests.capacity import Meter
from tests.stores.samples import at_once, flat, joined, new_user, pages, written_post

PAGE = 20


def _named() -> tuple[str, str]:
    """A new account whose name can be mentioned."""
    user = new_user(username=f"n{ids.new_id()[-12:]}")
    create_user(user)
    return user.user_id, user.username


def _post(author: str) -> str:
    return written_post(user_id=author).post_id


def _say(user_id: str, post_id: str, content: str = "Lovely", parent: str | None = None) -> str:
    return conversation.add(user_id, post_id, content, parent).comment.comment_id


def _counted(comment_id: str, name: str) -> int:
    return counters.total(Counter("comment", comment_id, name)).value


def _read(viewer_id: str, post_id: str, limit: int = 10) -> list[str]:
    """The ids of all comments on a post, as the API pages them."""
    post = service.see(viewer_id, post_id).post
    pipeline = Pipeline(
        partial(pinning.comments_on, post),
        partial(conversation.hydrate, viewer_id, post),
        conversation.visible,
        lambda seen: [item.comment.comment_id for item in seen],
    )
    found = pages(lambda position: pipeline.page(position, limit))
    assert all(len(page) <= limit for page in found)
    return flat(found)


def _refused(error: type[DomainError], action: Callable[[], object]) -> None:
    with pytest.raises(error):
        action()


# --- Likes ----------------------------------------------------------------------------------------------------------


def test_a_like_of_a_comment_is_counted_once_and_shown() -> None:
    # given
    author, fan = joined(), joined()
    comment_id = _say(author, _post(author))
    # when it is liked twice, and its counter is materialised
    assert [conversation.like_comment(fan, comment_id) for _ in range(2)] == [1, 1]
    conversation.materialise(Counter("comment", comment_id, "likes"))
    # then
    assert (conversation.see(fan, comment_id).liked, conversation.see(author, comment_id).liked) == (True, False)
    assert conversation.see(author, comment_id).comment.like_count == 1
    # and when it is taken back twice
    assert [conversation.unlike_comment(fan, comment_id) for _ in range(2)] == [0, 0]
    assert not conversation.see(fan, comment_id).liked


def test_an_older_count_does_not_replace_a_newer_one() -> None:
    # given
    author = joined()
    comment_id = _say(author, _post(author))
    # when
    for name, totals in (("likes", [Total(2, 4), Total(3, 3)]), ("replies", [Total(1, 1), Total(1, 1)])):
        for total in totals:
            comments.write_count(comment_id, name, total)
    comments.write_count(ids.new_id(), "likes", Total(1, 1))
    # then
    comment = comments.comment(comment_id)
    assert comment is not None
    assert (comment.like_count, comment.reply_count) == (2, 1)


def test_whether_a_page_of_comments_is_liked_costs_half_a_unit(meter: Meter) -> None:
    # given a page of comments, three of which somebody likes
    author, fan = joined(), joined()
    post_id = _post(author)
    written = [_say(author, post_id) for _ in range(PAGE)]
    for comment_id in written[:3]:
        conversation.like_comment(fan, comment_id)
    meter.requests.clear()
    # then
    assert comments.liked(fan, written) == set(written[:3])
    assert (len(meter.requests), meter.read_units) == (1, 0.5)
    assert comments.likers(written[0], None, 2).items == [fan]


def test_a_comment_deleted_while_it_is_liked_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    # given a comment that is gone when the like is written
    author, fan = joined(), joined()
    comment_id = _say(author, _post(author))
    see = conversation.see

    def seen_last(viewer_id: str, comment_id: str) -> conversation.SeenComment:
        seen = see(viewer_id, comment_id)
        conversation.withdraw(seen.comment)
        return seen

    monkeypatch.setattr(conversation, "see", seen_last)
    # then
    _refused(NotFound, lambda: conversation.like_comment(fan, comment_id))
    assert comments.liked(fan, [comment_id]) == set()
    assert _counted(comment_id, "likes") == 0


def test_many_likes_of_a_comment_at_once_are_counted_exactly() -> None:
    # given
    author, fans = joined(), [joined() for _ in range(6)]
    comment_id = _say(author, _post(author))

    def waver(fan: str) -> None:
        for change in (conversation.like_comment, conversation.unlike_comment, conversation.like_comment):
            change(fan, comment_id)

    # when
    at_once(*(partial(waver, fan) for fan in fans))
    # then
    assert _counted(comment_id, "likes") == len(fans)


def test_likes_and_counts_go_with_their_comment() -> None:
    # given a comment with more likes than one batch deletes, and a reply
    author, fan = joined(), joined()
    post_id = _post(author)
    comment_id = _say(author, post_id)
    _say(fan, post_id, "Yes", comment_id)
    people = [ids.new_id() for _ in range(30)]
    for user_id in people:
        like = comments.CommentLikeItem(user_id, comment_id, post_id=post_id, author_id=author, created_at=clock.now())
        transactions.commit(lambda transaction, like=like: comments.put_like(transaction, like))
    # when it is deleted, and its event comes twice
    conversation.delete(author, comment_id)
    for _ in range(2):
        conversation.forget_comment(comment_id)
    # then
    assert [comments.liked(user_id, [comment_id]) for user_id in people] == [set()] * 30
    assert (_counted(comment_id, "likes"), _counted(comment_id, "replies")) == (0, 0)


def test_only_what_can_be_seen_can_be_liked() -> None:
    # given
    author, stranger = joined(), joined()
    post_id = _post(author)
    comment_id = _say(author, post_id)
    # when the post is put away
    service.archive(author, post_id, archived=True)
    # then
    _refused(NotFound, lambda: conversation.like_comment(stranger, comment_id))
    _refused(Conflict, lambda: conversation.like_comment(author, comment_id))


# --- Replies --------------------------------------------------------------------------------------------------------


def test_replies_are_counted_with_the_comment_they_hang_on() -> None:
    # given a reply, and a reply to that
    author, fan = joined(), joined()
    post_id = _post(author)
    first = _say(author, post_id)
    reply = _say(fan, post_id, "Yes", first)
    deeper = conversation.add(author, post_id, "Thanks", reply).comment
    # then both hang on the first comment, and the second answers the one who replied
    assert (deeper.parent_comment_id, deeper.answered_user_id) == (first, fan)
    assert _counted(first, "replies") == 2
    conversation.materialise(Counter("comment", first, "replies"))
    assert conversation.see(fan, first).comment.reply_count == 2
    assert [one.comment_id for one in conversation.replies_to(first, None, 10).items] == [reply, deeper.comment_id]
    # and when one of them is deleted
    conversation.delete(fan, reply)
    assert _counted(first, "replies") == 1
    assert counters.total(Counter("post", post_id, "comments")).value == 2


# --- Pins -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 10])
def test_pinned_comments_come_first_and_once(limit: int) -> None:
    # given
    author, fan = joined(), joined()
    post_id = _post(author)
    written = [_say(fan, post_id) for _ in range(5)]
    # when
    for comment_id in (written[0], written[3], written[0]):
        pinning.pin(author, comment_id)
    # then
    assert _read(fan, post_id, limit) == [written[3], written[0], written[4], written[2], written[1]]
    assert [conversation.see(fan, one).pinned for one in written] == [True, False, False, True, False]
    # and when one is pinned no longer
    for _ in range(2):
        pinning.unpin(author, written[0])
    assert _read(fan, post_id, limit) == [written[3], written[4], written[2], written[1], written[0]]


def test_pinned_comments_are_limited() -> None:
    # given
    author = joined()
    post_id = _post(author)
    written = [_say(author, post_id) for _ in range(MAX_PINNED + 3)]

    def pinned(comment_id: str) -> bool:
        try:
            pinning.pin(author, comment_id)
        except Conflict:
            return False
        return True

    # when all are pinned at once
    outcomes = at_once(*(partial(pinned, comment_id) for comment_id in written))
    # then
    post = store.post(post_id)
    assert post is not None
    assert outcomes.count(True) == len(post.pinned_comments) == MAX_PINNED
    # and a comment that is gone makes room
    gone = next(iter(post.pinned_comments))
    conversation.delete(author, gone)
    free = next(one for one in written if one not in post.pinned_comments)
    assert pinned(free)
    assert gone not in _read(author, post_id)


def test_only_author_pins_top_level_comments() -> None:
    # given
    author, fan = joined(), joined()
    post_id = _post(author)
    comment_id = _say(fan, post_id)
    reply = _say(author, post_id, "Thanks", comment_id)
    # then
    _refused(Forbidden, lambda: pinning.pin(fan, comment_id))
    _refused(Conflict, lambda: pinning.pin(author, reply))
    _refused(NotFound, lambda: pinning.pin(author, ids.new_id()))
    _refused(Forbidden, lambda: pinning.unpin(fan, comment_id))


def test_a_comment_deleted_while_it_is_pinned_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    # given a comment that is gone when the pin is written
    author = joined()
    post_id = _post(author)
    comment_id = _say(author, post_id)
    build = comments.must_exist

    def deleted_first(transaction: transactions.TransactWrite, comment_id: str) -> None:
        monkeypatch.setattr(comments, "must_exist", build)
        conversation.delete(author, comment_id)
        build(transaction, comment_id)

    monkeypatch.setattr(comments, "must_exist", deleted_first)
    # then
    _refused(NotFound, lambda: pinning.pin(author, comment_id))
    post = store.post(post_id)
    assert post is not None
    assert post.pinned_comments == frozenset()


# --- What an author turns off ---------------------------------------------------------------------------------------


def test_comment_is_refused_where_comments_are_off() -> None:
    # given
    author, fan = joined(), joined()
    post_id = _post(author)
    before = _say(fan, post_id)
    # when
    service.edit(author, post_id, {"comments_off": True})
    # then also the author is refused, and what was said stays
    for somebody in (author, fan):
        _refused(Forbidden, lambda somebody=somebody: _say(somebody, post_id))
    assert _read(fan, post_id) == [before]
    # and when they are on again
    service.edit(author, post_id, {"comments_off": False})
    after = _say(fan, post_id)
    assert _read(author, post_id) == [after, before]


def test_hidden_likes_are_the_authors_to_know() -> None:
    # given
    author, fan = joined(), joined()
    post_id = _post(author)
    # when
    service.edit(author, post_id, {"likes_hidden": True})
    # then
    assert conversation.like(fan, post_id) is None
    assert conversation.like(author, post_id) == 2
    assert conversation.likers(author, post_id)(None, 10).items == sorted([author, fan])
    _refused(Forbidden, lambda: conversation.likers(fan, post_id))
    assert [item.likes_shown for item in (service.read(fan, post_id), service.read(author, post_id))] == [False, True]
    # and when they are shown again
    service.edit(author, post_id, {"likes_hidden": False})
    assert conversation.unlike(fan, post_id) == 1


# --- Mentions -------------------------------------------------------------------------------------------------------


def test_comment_mentions_named_people_until_it_is_deleted() -> None:
    # given
    author, (ben, bens_name), (cleo, cleos_name) = joined(), _named(), _named()
    post_id = _post(author)
    # when
    comment = conversation.add(author, post_id, f"@{bens_name} and @nobody.at.all, look", None).comment
    # then
    assert [one.user_id for one in comment.mentioned_users] == [ben]
    assert mentions.first(ben, "comment", 10) == [comment.comment_id]
    # and when it is edited
    edited = conversation.edit(author, comment.comment_id, f"@{cleos_name}, look").comment
    assert ([one.user_id for one in edited.mentioned_users], edited.is_edited) == ([cleo], True)
    assert (mentions.first(ben, "comment", 10), mentions.first(cleo, "comment", 10)) == ([], [comment.comment_id])
    # and deleted
    conversation.delete(author, comment.comment_id)
    assert mentions.first(cleo, "comment", 10) == []


def test_a_post_that_is_gone_takes_the_mentions_under_it_along() -> None:
    # given
    author, (ben, name) = joined(), _named()
    post_id = _post(author)
    first = _say(author, post_id, f"@{name}")
    _say(author, post_id, f"@{name} again", first)
    # when
    service.delete(author, post_id)
    conversation.forget(post_id)
    # then
    assert mentions.first(ben, "comment", 10) == []


@pytest.mark.parametrize("by_ben", [True, False])
def test_block_prevents_mentions_in_both_directions(by_ben: bool) -> None:
    # given
    author, (ben, name) = joined(), _named()
    post_id = _post(author)
    graph.block(*((ben, author) if by_ben else (author, ben)))
    # then
    assert conversation.add(author, post_id, f"Hello @{name}", None).comment.mentioned_users == ()
    assert service.edit(author, post_id, {"caption": f"With @{name}"}).post.mentioned_users == ()


def test_mentions_in_comment_are_limited() -> None:
    author = joined()
    post_id = _post(author)
    _refused(Invalid, lambda: _say(author, post_id, " ".join(f"@person{number}" for number in range(21))))


def test_what_a_person_likes_and_where_they_are_mentioned_is_exported_and_erased(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # given somebody who likes three comments, and is mentioned in them
    monkeypatch.setattr(posts_personal, "ERASED", 2)
    author, (me, name) = joined(), _named()
    post_id = _post(author)
    written = [_say(author, post_id, f"@{name}, look") for _ in range(3)]
    for comment_id in written:
        conversation.like_comment(me, comment_id)
    # then
    exported = flat(pages(partial(posts_personal.EXPORTS["comment_likes"], me)))
    assert [one.comment_id for one in exported] == written
    assert len({one.author for one in exported}) == 1
    # and when it is erased
    for section in ("comment_likes", "comment_mentions"):
        pages(partial(posts_personal.ERASURES[section], me))
    left: dict[str, Comment] = comments.comments(written)
    assert {(one.content, one.mentioned_users, one.is_edited) for one in left.values()} == {
        ("somebody, look", (), False)
    }
    assert [_counted(comment_id, "likes") for comment_id in written] == [0, 0, 0]
    assert mentions.first(me, "comment", 10) == []
