"""From entries and encounters to an order."""

from functions.feed import affinity, features
from functions.feed.features import SHORTLIST, Known, Tally
from functions.feed.model import Entry
from functions.feed.weights import Weights
from heliograph import ids
from tests.unit.feed.samples import ANNA, BEN, NOON, hours_ago

CARA = "019aa1b2-0000-7000-8000-000000000003"
WEIGHTS = Weights()


def entry(creator_id: str, hours: float, number: int = 0) -> Entry:
    made_at = hours_ago(hours)
    return Entry(BEN, f"{ids.prefix_at(made_at)}-7000-8000-{number:012d}", creator_id, made_at, 1.0)


def ordered(entries, signals=(), tallies=None):
    def look_up(post_ids):
        return {post_id: tally for post_id, tally in (tallies or {}).items() if post_id in post_ids}

    return features.ordered(entries, Known(affinity.merged({}, signals)), look_up, NOON, WEIGHTS)


def test_liked_author_ranks_above_an_equally_new_stranger():
    dear, strange = entry(ANNA, 1, 1), entry(CARA, 1, 2)
    liked = affinity.key(ANNA, entry(ANNA, 30).post_id), affinity.LIKED
    assert ordered([strange, dear]) == [strange.post_id, dear.post_id]
    assert ordered([strange, dear], [liked]) == [dear.post_id, strange.post_id]


def test_seen_posts_rank_lower():
    seen, other = entry(ANNA, 1), entry(CARA, 20)
    met = affinity.key(ANNA, seen.post_id), affinity.COMMENTED
    assert ordered([seen, other]) == [seen.post_id, other.post_id]
    assert ordered([seen, other], [met]) == [other.post_id, seen.post_id]


def test_author_with_notifications_ranks_above_an_equally_new_stranger():
    favourite, other = entry(ANNA, 1, 1), entry(CARA, 1, 2)
    found = features.ordered([other, favourite], Known({}, {ANNA}), lambda _: {}, NOON, WEIGHTS)
    assert found == [favourite.post_id, other.post_id]


def test_popular_post_ranks_above_one_without_likes():
    quiet, loud = entry(ANNA, 1, 2), entry(CARA, 1, 1)
    assert ordered([quiet, loud])[0] == quiet.post_id
    assert ordered([quiet, loud], tallies={loud.post_id: Tally("image", 5000, 100)})[0] == loud.post_id


def test_only_the_best_are_looked_up_and_all_are_shown():
    entries = [entry(str(number), number) for number in range(SHORTLIST + 20)]
    asked: list[str] = []
    found = features.ordered(entries, Known({}), lambda post_ids: asked.extend(post_ids) or {}, NOON, WEIGHTS)
    assert asked == [item.post_id for item in entries[:SHORTLIST]]
    assert sorted(found, reverse=True) == [item.post_id for item in entries]
