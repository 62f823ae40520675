"""On the real engine: what somebody may see is not theirs to change, and what they may not see is not there."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from functions.graph import service as graph
from functions.media import service as media
from functions.media import store as media_store
from functions.posts import conversation, saving, service, store
from functions.stories import service as stories
from functions.stories import store as stories_store
from heliograph import clock, counters, transactions
from heliograph.counters import Counter
from heliograph.errors import DomainError, Forbidden, NotFound
from tests.stores.samples import joined, new_media, new_story, written_post


@pytest.fixture
def ada() -> str:
    return joined()


@pytest.fixture
def ben() -> str:
    return joined()


def _refused(error: type[DomainError], *actions: Callable[[], object]) -> None:
    for action in actions:
        with pytest.raises(error):
            action()


def _story(author: str, **changes: object) -> str:
    medium = new_media(user_id=author, status="ready", purpose="story")
    media_store.create(medium, expires_at=clock.epoch(clock.now() + timedelta(days=1)))
    story = new_story(user_id=author, media_id=medium.media_id, **changes)
    transactions.commit(lambda transaction: stories_store.put(transaction, story))
    return story.story_id


def test_post_is_its_authors_to_change(ada: str, ben: str) -> None:
    # given
    post_id = written_post(user_id=ada, caption="Dawn").post_id
    assert service.read(ben, post_id).post.caption == "Dawn"
    # then
    _refused(
        Forbidden,
        lambda: service.edit(ben, post_id, {"caption": "Dusk"}),
        lambda: service.archive(ben, post_id, archived=True),
        lambda: service.delete(ben, post_id),
    )
    assert service.read(ada, post_id).post.caption == "Dawn"


def test_comment_is_its_authors_to_change_and_the_posts_author_may_delete_it(ada: str, ben: str) -> None:
    # given
    cleo, post_id = joined(), written_post(user_id=ada).post_id
    comment_id = conversation.add(ben, post_id, "Lovely", None).comment.comment_id
    # then
    _refused(
        Forbidden,
        lambda: conversation.edit(cleo, comment_id, "Ugly"),
        lambda: conversation.edit(ada, comment_id, "Ugly"),
        lambda: conversation.delete(cleo, comment_id),
    )
    assert conversation.see(ada, comment_id).comment.content == "Lovely"
    # and when
    conversation.delete(ada, comment_id)
    # then
    _refused(NotFound, lambda: conversation.see(ben, comment_id))


def test_story_is_its_authors_to_delete_and_to_know_who_has_seen_it(ada: str, ben: str) -> None:
    # given
    story_id = _story(ada)
    stories.view(ben, story_id)
    # then
    assert stories.viewers(ada, story_id)(None, 10).items == [ben]
    _refused(Forbidden, lambda: stories.viewers(ben, story_id), lambda: stories.delete(ben, story_id))
    assert stories.read(ada, story_id).story.story_id == story_id


def test_post_is_not_there_for_whom_it_is_not_for(ada: str, ben: str) -> None:
    # given
    post_id = written_post(user_id=ada, audience="closeFriends").post_id
    # then
    _refused(
        NotFound,
        lambda: service.read(ben, post_id),
        lambda: conversation.like(ben, post_id),
        lambda: conversation.add(ben, post_id, "Lovely", None),
        lambda: saving.save(ben, post_id),
    )
    # and when he is a close friend
    graph.close_friend(ada, ben, on=True)
    assert service.read(ben, post_id).post.post_id == post_id


def test_comment_of_somebody_blocked_is_not_there(ada: str, ben: str) -> None:
    # given
    cleo, post_id = joined(), written_post(user_id=ada).post_id
    comment_id = conversation.add(ben, post_id, "Lovely", None).comment.comment_id
    # when
    graph.block(ben, cleo)
    # then
    _refused(NotFound, lambda: conversation.see(cleo, comment_id), lambda: conversation.like_comment(cleo, comment_id))
    assert conversation.see(ada, comment_id).comment.content == "Lovely"


def test_stories_of_an_account_are_not_there_for_whom_it_blocks(ada: str, ben: str) -> None:
    # given
    story_id = _story(ada)
    assert [story.story_id for story in stories.stories_of(ben, ada)(None, 10).items] == [story_id]
    # when
    graph.block(ada, ben)
    # then
    _refused(NotFound, lambda: stories.stories_of(ben, ada), lambda: stories.read(ben, story_id))


def test_medium_is_its_owners(ada: str, ben: str) -> None:
    # given
    medium = new_media(user_id=ada)
    media_store.create(medium, expires_at=clock.epoch(clock.now() + timedelta(days=1)))
    # then
    assert media.get(ada, medium.media_id).media_id == medium.media_id
    _refused(
        NotFound,
        lambda: media.get(ben, medium.media_id),
        lambda: media.owned(ben, [medium.media_id]),
        lambda: media.usable(ben, [medium.media_id], "post", "media"),
    )


def test_like_and_comment_of_a_post_deleted_meanwhile_are_forgotten(
    ada: str, ben: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for write in (conversation.like, lambda who, post_id: conversation.add(who, post_id, "Lovely", None)):
        # given a post that goes away after it was looked at
        post = written_post(user_id=ada)
        seen = service.see_open(ben, post.post_id)
        monkeypatch.setattr(service, "see_open", lambda _who, _post, seen=seen: seen)
        transactions.commit(lambda transaction, post=post: store.delete(transaction, post))
        # then
        _refused(NotFound, lambda write=write, post=post: write(ben, post.post_id))
        assert store.likers(post.post_id, None, 10).items == []
        assert [counters.total(Counter("post", post.post_id, name)).value for name in ("likes", "comments")] == [0, 0]
