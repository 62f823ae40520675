"""Labels: what two people mean by the same hashtag or place."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from functions.discovery import labels, sharding
from functions.discovery.sharding import FIRST, Epoch
from heliograph import ids
from heliograph.counters import Counter
from heliograph.events import Place
from tests.unit.feed.samples import NOON

BERLIN = Place(name="Café am Neuen See", lat=52.5096, lon=13.3449)


def test_a_post_is_filed_under_its_hashtags_and_its_place() -> None:
    assert labels.of(["sunset", "sea"], None) == {"sunset", "sea"}
    assert labels.of(["sunset"], BERLIN) == {"sunset", "@café am neuen see@52.5,13.3"}


@pytest.mark.parametrize(
    "same",
    [
        Place(name="CAFÉ AM NEUEN SEE", lat=52.51, lon=13.34),
        Place(name="Cafe\u0301  am neuen\u00a0See ", lat=52.5096, lon=13.3449),
        Place(name="Ｃａｆé am Neuen See", lat=52.5449, lon=13.2501),
    ],
)
def test_place_key_is_the_same_for_any_spelling_and_near_point(same: Place) -> None:
    assert labels.place_label(same) == labels.place_label(BERLIN)


def test_towns_of_one_name_are_two_and_accents_are_letters() -> None:
    elsewhere = Place(name=BERLIN.name, lat=40.0, lon=13.3449)
    assert labels.place_label(elsewhere) != labels.place_label(BERLIN)
    assert labels.place_label(Place(name="か", lat=0, lon=0)) != labels.place_label(Place(name="が", lat=0, lon=0))


def test_zero_and_the_antimeridian_have_one_form() -> None:
    assert labels.place_label(Place(name="x", lat=-0.01, lon=180)) == "@x@0.0,-180.0"
    assert labels.place_label(Place(name="x", lat=0.01, lon=-179.99)) == "@x@0.0,-180.0"


def test_no_hashtag_is_taken_for_a_place() -> None:
    assert labels.kind("sunset") == "hashtags"
    assert labels.kind(labels.place_label(BERLIN)) == "places"
    assert labels.counter("sunset") == Counter("hashtag", "sunset", "posts")
    assert labels.counter("@a@1.0,2.0") == Counter("place", "a@1.0,2.0", "posts")
    assert labels.label_of_place(labels.counter("@a@1.0,2.0").id) == "@a@1.0,2.0"


# Of geohash.org, cut to three characters.
@pytest.mark.parametrize(
    ("lat", "lon", "cell"),
    [
        (57.64911, 10.40744, "u4p"),
        (52.52, 13.405, "u33"),
        (-25.382708, -49.265506, "6gk"),
        (37.8324, 112.5584, "ww8"),
        (-90.0, -180.0, "000"),
        (90.0, 180.0, "zzz"),
    ],
)
def test_a_region_is_a_cell_of_a_geohash(lat: float, lon: float, cell: str) -> None:
    assert labels.region(lat, lon) == cell


# --- Shards -----------------------------------------------------------------------------------------------------------


def numbered(count: int) -> Iterator[str]:
    return (ids.new_id() for _ in range(count))


def test_a_small_label_has_one_shard() -> None:
    assert FIRST.partitions("sunset") == ["sunset#1-0"]
    assert {FIRST.partition("sunset", post_id) for post_id in numbered(20)} == {"sunset#1-0"}


def test_posts_are_spread_over_all_shards_of_their_epoch() -> None:
    epoch = Epoch("0", 16)
    assert {epoch.partition("sunset", post_id) for post_id in numbered(500)} == {*epoch.partitions("sunset")}


def test_a_post_lies_in_the_epoch_in_which_it_was_made() -> None:
    # given a label that has grown twice
    grown = [Epoch(ids.prefix_at(NOON + timedelta(hours=hours)), shards) for hours, shards in ((1, 4), (2, 16))]
    known = sharding.epochs(map(sharding.text, reversed(grown)))
    # then
    assert known == (FIRST, *grown)
    made = {
        minutes: sharding.epoch_of(ids.prefix_at(NOON + timedelta(minutes=minutes)) + "-7000-8000-000000000001", known)
        for minutes in (0, 59, 60, 119, 120, 500)
    }
    assert [epoch.shards for epoch in made.values()] == [1, 1, 4, 4, 16, 16]


@pytest.mark.parametrize(
    ("posts", "shards"), [(0, None), (999, None), (1_000, 4), (30_000, 16), (999_999, 16), (10**9, 64)]
)
def test_the_number_of_shards_follows_popularity(posts: int, shards: int | None) -> None:
    growth = sharding.growth((FIRST,), posts, NOON)
    assert (growth and growth.shards) == shards


def test_shard_growth_begins_after_caches_expire() -> None:
    growth = sharding.growth((FIRST,), 5_000, NOON)
    assert growth == Epoch(ids.prefix_at(NOON + sharding.GRACE), 4)
    assert sharding.GRACE.total_seconds() >= 2 * sharding.BELIEVED_SECONDS


def test_shards_grow_one_step_at_a_time_and_never_shrink() -> None:
    # given a growth that is about to begin
    known = (FIRST, Epoch(ids.prefix_at(NOON + sharding.GRACE), 4))
    assert sharding.growth(known, 10**6, NOON) is None
    # when it has begun
    later = NOON + sharding.GRACE
    assert sharding.growth(known, 10**6, later) == Epoch(ids.prefix_at(later + sharding.GRACE), 64)
    assert sharding.growth(known, 1, later) is None
