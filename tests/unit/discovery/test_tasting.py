"""What is remembered of events: the topics of posts of others that somebody may see."""

import random

import pytest

from functions.accounts import service as accounts
from functions.discovery import events, interests, tastes, tasting
from functions.discovery.interests import Met
from functions.posts import service as posts
from heliograph.events import CommentAdded, PostLiked, PostsViewed, ProfilesVisited, View, wrap
from tests.unit.feed.samples import ANNA, BEN, NOON, hydrated, profile
from tests.unit.requests import queued

OWN, SHOWN, HIDDEN, PLAIN = (f"019aab1{number}-0000-7000-8000-00000000000a" for number in range(4))
LIKE = PostLiked(post_id=SHOWN, author_id=ANNA, user_id=BEN)
COMMENT = CommentAdded(comment_id="c", post_id=SHOWN, post_author_id=ANNA, author_id=BEN)


@pytest.fixture
def known(monkeypatch):
    """What each person likes; Anna's post can be seen, her archived one cannot, one has no hashtag, one is Ben's."""
    known = {}
    there = {
        SHOWN: hydrated(SHOWN, hashtags=("sunset", "sea")),
        HIDDEN: hydrated(HIDDEN, is_archived=True),
        PLAIN: hydrated(PLAIN, hashtags=()),
        OWN: hydrated(OWN, user_id=BEN),
    }

    def merge(user_id, signals):
        known[user_id] = interests.merged(known.get(user_id, {}), signals)

    monkeypatch.setattr(tastes, "merge", merge)
    monkeypatch.setattr(accounts, "profiles", lambda ids: {one: profile(one) for one in ids if one in {ANNA, BEN}})
    monkeypatch.setattr(posts, "seen", lambda viewer, ids: [there[post_id] for post_id in ids if post_id in there])
    return known


def viewed(*post_ids, milliseconds=4000):
    return PostsViewed(user_id=BEN, views=[View(post_id=one, milliseconds=milliseconds) for one in post_ids])


@pytest.mark.parametrize(("event", "strength"), [(LIKE, 80), (COMMENT, 100), (viewed(SHOWN), 35)])
def test_each_sign_of_interest_has_its_strength(known, event, strength):
    tasting.take(event)
    assert known == {BEN: {SHOWN: Met(strength, ("sunset", "sea"))}}


def test_queue_handles_events_singly_and_reports_poison_messages(known, context):
    batch = queued(wrap(LIKE, event_id="1"), wrap(LIKE, event_id="1"), {"schema": "Unknown"})
    assert events.take_tastes(batch, context) == {"batchItemFailures": [{"itemIdentifier": "message-2"}]}
    assert known == {BEN: {SHOWN: Met(80, ("sunset", "sea"))}}


def test_only_posts_of_others_that_may_be_seen_and_have_a_topic_count(known):
    tasting.take(viewed(OWN, SHOWN, HIDDEN, PLAIN, "019aab1f-0000-7000-8000-00000000000a"))
    assert list(known[BEN]) == [SHOWN]
    known.clear()
    tasting.take(viewed(OWN, HIDDEN, PLAIN))
    assert known == {}


def test_repeated_and_reordered_events_give_the_same_interests(known):
    story = [LIKE, COMMENT, viewed(SHOWN), viewed(SHOWN, milliseconds=9000)]
    for event in story:
        tasting.take(event)
    expected = dict(known)
    known.clear()
    for event in random.Random(6).sample(story * 2, k=8):
        tasting.take(event)
    assert known == expected


def test_deleted_accounts_leave_no_interests(known, monkeypatch):
    monkeypatch.setattr(accounts, "profiles", lambda ids: {})
    tasting.take(LIKE)
    assert known == {}


def test_profile_visits_add_no_topic(known):
    tasting.take(ProfilesVisited(user_id=BEN, profile_ids=[ANNA], visited_at=NOON))
    assert known == {}
