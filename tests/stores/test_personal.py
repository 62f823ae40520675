"""An erasure on the real engine: section by section, broken off and repeated; the counts of others stay true."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from functions.accounts import personal as accounts_personal
from functions.accounts.store import create_user
from functions.discovery import dismissals, explore_sessions, tastes, usernames
from functions.discovery import personal as discovery_personal
from functions.discovery.explore_sessions import Session
from functions.discovery.interests import Met
from functions.feed import encounters
from functions.feed import personal as feed_personal
from functions.feed import store as feeds
from functions.feed.affinity import SEEN
from functions.feed.model import Entry
from functions.graph import personal as graph_personal
from functions.graph import service as graph
from functions.graph import store as ties
from functions.media import store as media
from functions.posts import comments, conversation, saving, service, store
from functions.posts import personal as posts_personal
from functions.posts.service import Draft
from functions.stories import personal as stories_personal
from functions.stories import service as stories
from functions.stories import store as story_store
from heliograph import clock, counters, ids
from heliograph.counters import Counter
from infrastructure.tables import TABLES
from infrastructure.workflows import ERASURE_STEPS
from tests import capacity
from tests.proof import repetitions
from tests.stores import engine
from tests.stores.samples import new_media, new_user

HANDLERS = {
    "accounts": accounts_personal,
    "graph": graph_personal,
    "posts": posts_personal,
    "stories": stories_personal,
    "feed": feed_personal,
    "discovery": discovery_personal,
}
# These two are files in buckets, and erased in tests/integration.
IN_BUCKETS = {"media", "export"}
PEOPLE = 3


class InAHurry:
    """The context of a function that has time for one page only."""

    function_name = "personal"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:personal"
    aws_request_id = "request-1"

    def __init__(self) -> None:
        self._left = 1000

    def get_remaining_time_in_millis(self) -> int:
        self._left //= 4
        return self._left


@dataclass(frozen=True)
class Gone:
    """Somebody who is going, and what they leave others with."""

    user_id: str
    others: list[str]
    own_posts: list[str]
    posts: list[str]
    stories: list[str]
    own_comments: list[str]
    comments: list[str]


def _joined() -> tuple[str, str]:
    """The id and the name of a new account, whose name can be mentioned."""
    user = new_user()
    user = replace(user, username=f"n{user.user_id[-12:]}")
    create_user(user)
    return user.user_id, user.username


def _medium(owner: str, purpose: Any) -> str:
    item = new_media(user_id=owner, purpose=purpose)
    media.create(item, expires_at=clock.epoch(clock.now() + timedelta(days=1)))
    media.begin(item.media_id)
    media.finish(
        item.media_id, width=1, height=1, placeholder="", dominant_color="#000000", renditions=[RENDITION],
        share_key=None, capture=media.Capture(),
    )  # fmt: skip
    return item.media_id


RENDITION = media.Rendition("w1080", 1, 1, "image/jpeg", 1, "m/1/1/w1080.jpg")


def _post(author: str, caption: str) -> str:
    return service.create(author, Draft((_medium(author, "post"),), caption)).post.post_id


def _story(author: str, caption: str) -> str:
    return stories.create(author, stories.Draft(_medium(author, "story"), caption)).story.story_id


@pytest.fixture
@capacity.unmetered()
def gone(monkeypatch: pytest.MonkeyPatch) -> Gone:
    """Ties, likes, comments, views and mentions between one and three others, in pages of two."""
    monkeypatch.setenv("MEDIA_DELIVERY", "cdn")
    monkeypatch.setenv("MEDIA_BUCKET", "test-media")
    monkeypatch.setattr("heliograph.aws.secret", lambda name: name.encode())
    for module in (graph_personal, posts_personal, stories_personal, feed_personal, discovery_personal):
        monkeypatch.setattr(module, "ERASED", 2)
    (me, name), *joined = [_joined() for _ in range(1 + PEOPLE)]
    others = [user_id for user_id, _ in joined]
    own, posts, told, said, noted = [], [], [], [], []
    for other, others_name in joined:
        graph.follow(me, other)
        graph.follow(other, me)
        posts.append(_post(other, f"With @{name}"))
        told.append(_story(other, f"Again with @{name}"))
        for fan in (me, *others):
            conversation.like(fan, posts[-1])
        comment = conversation.add(me, posts[-1], "Mine", None).comment.comment_id
        conversation.add(other, posts[-1], "A reply to it", comment)
        noted.append(conversation.add(other, posts[-1], f"Not you, @{name}?", None).comment.comment_id)
        conversation.like_comment(me, noted[-1])
        conversation.like_comment(other, comment)
        said.append(comment)
        conversation.add(other, posts[-1], "Theirs", None)
        saving.save(me, posts[-1])
        stories.view(me, told[-1])
        own.append(_post(me, f"For @{others_name}"))
        conversation.like(other, own[-1])
        saving.save(other, own[-1])
        _story(me, "Only today")
        feeds.put([Entry(me, posts[-1], other, clock.now(), 1.0)])
        encounters.merge(me, [((other, clock.epoch(clock.now())), SEEN)])
        tastes.merge(me, [(posts[-1], Met(80, ("sea",)))])
        dismissals.put(me, other)
        explore_sessions.begin(me, Session(ids.new_id(), posts, degraded=False))
    graph.block(me, others[0])
    usernames.keep(me, name)
    return Gone(me, others, own, posts, told, said, noted)


def _run(user_id: str, *, tasks: Callable[[int], int]) -> None:
    """Go through the sections as the state machine does; `tasks(n)`: how often the n-th task is delivered."""
    number = 0
    for step in ERASURE_STEPS:
        if step.section in IN_BUCKETS:
            continue
        page: dict[str, Any] = {"position": None, "page": 0, "done": 0}
        while page["page"] == 0 or page["position"] is not None:
            task = {"action": "erase", "section": step.section, "jobId": "j", "userId": user_id, **page}
            for _ in range(tasks(number)):
                page = HANDLERS[step.capability].handler(json.loads(json.dumps(task)), InAHurry())
            number += 1


def _left(user_id: str) -> dict[str, list[str]]:
    """Items of all tables that name somebody."""
    found: dict[str, list[str]] = {}
    for spec in TABLES:
        for page in engine.client().get_paginator("scan").paginate(TableName=f"test-{spec.name}"):
            items = [str(item) for item in page["Items"] if user_id in str(item)]
            if items:
                found.setdefault(spec.name, []).extend(items)
    return found


def _counted(kind: Any, entity: str, name: str) -> int:
    return counters.total(Counter(kind, entity, name)).value


@pytest.mark.parametrize("deliveries", [1, 2])
def test_erasure_leaves_only_buckets_and_true_counts(gone: Gone, deliveries: int) -> None:
    # given an account that all kinds of tables know
    assert set(_left(gone.user_id)) >= {
        "users",
        "follows",
        "blocks",
        "posts",
        "likes",
        "saves",
        "comments",
        "comment-likes",
        "mentions",
        "feeds",
        "encounters",
        "tastes",
        "dismissals",
        "explore-sessions",
        "usernames",
    }
    # when it is erased, each task delivered once or twice
    _run(gone.user_id, tasks=lambda _: deliveries)
    # and the likes of posts that are gone are forgotten, as their events ask for
    for post_id in gone.own_posts:
        assert store.post(post_id) is None
        conversation.forget(post_id)
        saving.forget(post_id)
    for comment_id in gone.own_comments:
        conversation.forget_comment(comment_id)
    # then
    assert set(_left(gone.user_id)) <= {"media"}
    for other in gone.others:
        assert (ties.all_followers(other, None, 50).items, ties.followees(other, None, 50).items) == ([], [])
        assert (_counted("user", other, "followers"), _counted("user", other, "following")) == (0, 0)
    for post_id in gone.posts:
        post = store.post(post_id)
        assert post is not None
        assert (post.caption, post.mentioned_users) == ("With somebody", ())
        assert _counted("post", post_id, "likes") == len(store.likers(post_id, None, 50).items) == PEOPLE
        assert _counted("post", post_id, "comments") == len(comments.whole_thread(post_id)) == 2
    for comment_id in gone.comments:
        comment = comments.comment(comment_id)
        assert comment is not None
        assert (comment.content, comment.mentioned_users) == ("Not you, somebody?", ())
        assert _counted("comment", comment_id, "likes") == 0
    for story_id in gone.stories:
        story = story_store.story(story_id)
        assert story is not None
        assert (story.caption, story.mentioned_users) == ("Again with somebody", ())
        assert _counted("story", story_id, "views") == 0


def test_broken_off_erasure_is_finished_by_next_one(gone: Gone) -> None:
    # given erasures that end after some of the first tasks, or in the full proof after each
    class Broken(Exception):
        pass

    def until(last: int) -> Callable[[int], int]:
        def tasks(number: int) -> int:
            if number == last:
                raise Broken
            return 1

        return tasks

    step = 12 // repetitions(quick=4, full=12)
    for last in range(step - 1, 12, step):
        with pytest.raises(Broken):
            _run(gone.user_id, tasks=until(last))
    assert "users" in _left(gone.user_id)
    # when one goes to the end
    _run(gone.user_id, tasks=lambda _: 1)
    # then
    assert not {"users", "follows", "blocks", "comments", "mentions", "posts", "stories"} & set(_left(gone.user_id))
    assert [_counted("post", post_id, "comments") for post_id in gone.posts] == [2] * PEOPLE
