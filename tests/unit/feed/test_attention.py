"""What is remembered of events: of whom, and of which posts."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from functions.accounts import service as accounts
from functions.feed import affinity, attention, encounters
from functions.feed.affinity import COMMENTED, LIKED, VISITED
from functions.posts import service as posts
from heliograph.events import CommentAdded, PostLiked, PostPublished, PostsViewed, ProfilesVisited, View
from tests.unit.feed.samples import ANNA, BEN, NOON, hydrated, profile

OWN, SHOWN, HIDDEN, GONE = (f"019aab1{number}-0000-7000-8000-00000000000a" for number in range(4))
LIKE = PostLiked(post_id=SHOWN, author_id=ANNA, user_id=BEN)
COMMENT = CommentAdded(comment_id="c", post_id=SHOWN, post_author_id=ANNA, author_id=BEN)


@pytest.fixture
def known(monkeypatch):
    """What is known of each person; Anna's post can be seen, her archived one cannot, and Ben has one himself."""
    known = {}
    there = {SHOWN: hydrated(SHOWN), HIDDEN: hydrated(HIDDEN, is_archived=True), OWN: hydrated(OWN, user_id=BEN)}

    def merge(user_id, signals):
        known[user_id] = affinity.merged(known.get(user_id, {}), signals)

    monkeypatch.setattr(encounters, "merge", merge)
    monkeypatch.setattr(accounts, "profiles", lambda ids: {one: profile(one) for one in ids if one in {ANNA, BEN}})
    monkeypatch.setattr(posts, "seen", lambda viewer, ids: [there[post_id] for post_id in ids if post_id in there])
    return known


def viewed(*post_ids, milliseconds=2000):
    return PostsViewed(user_id=BEN, views=[View(post_id=one, milliseconds=milliseconds) for one in post_ids])


@pytest.mark.parametrize(
    ("event", "strength"), [(LIKE, LIKED), (COMMENT, COMMENTED), (viewed(SHOWN), affinity.look(2000))]
)
def test_each_sign_of_interest_has_its_strength(known, event, strength):
    attention.take(event)
    assert known == {BEN: {affinity.key(ANNA, SHOWN): strength}}


def test_only_posts_of_others_that_may_be_seen_count(known):
    attention.take(viewed(OWN, SHOWN, HIDDEN, GONE))
    assert list(known[BEN]) == [affinity.key(ANNA, SHOWN)]
    known.clear()
    attention.take(viewed(OWN, HIDDEN, GONE))
    assert known == {}


def test_visits_to_the_profiles_of_others_count_once_a_day(known):
    for hours, profile_ids in ((0, [ANNA, BEN, "nobody"]), (2, [ANNA]), (24, [ANNA])):
        attention.take(ProfilesVisited(user_id=BEN, profile_ids=profile_ids, visited_at=NOON + timedelta(hours=hours)))
    midnights = (NOON.replace(hour=0), NOON.replace(hour=0) + timedelta(days=1))
    assert known == {BEN: {(ANNA, int(midnight.timestamp())): VISITED for midnight in midnights}}


def test_repeated_and_reordered_events_give_the_same_encounters(known):
    story = [LIKE, COMMENT, viewed(SHOWN), viewed(SHOWN, milliseconds=9000)]
    for event in story:
        attention.take(event)
    expected = dict(known)
    known.clear()
    for event in random.Random(6).sample(story * 2, k=8):
        attention.take(event)
    assert known == expected


def test_deleted_accounts_leave_no_encounters(known, monkeypatch):
    going = replace(profile(BEN), is_deactivated=True)
    for people in ({}, {BEN: going}):
        monkeypatch.setattr(accounts, "profiles", lambda ids, people=people: people)
        attention.take(LIKE)
    assert known == {}


def test_other_events_are_ignored(known):
    attention.take(PostPublished(post_id=SHOWN, author_id=BEN, created_at=NOON, hashtags=[]))
    assert known == {}
