"""Who was active, what is usual and what trends, on the real engine: idempotent, bounded, and what it costs."""

import random
import zlib
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import pytest

from functions.discovery import activity, bursts, labels, store, trending, trends
from functions.discovery.activity import ActivityItem
from functions.discovery.bursts import Baseline
from functions.discovery.trends import BaselineItem, Trend, TrendsItem
from functions.posts.service import Location
from heliograph import clock, ids
from heliograph.events import Place
from tests.capacity import Meter
from tests.proof import repetitions
from tests.stores.samples import at_once, new_post, written_post

NOON = datetime.fromisoformat("2026-11-22T12:00:00+00:00")
BERLIN = Location("Berlin", 52.52, 13.405)
OLD = timedelta(days=400)


@pytest.fixture(autouse=True)
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Sets the clock, which stands still; noon, unless a test says otherwise."""

    def set_to(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    store.forget_epochs()
    trending._kept.clear()
    set_to(NOON)
    return set_to


@pytest.fixture
def label() -> str:
    """One that nobody else uses."""
    return f"tag-{ids.new_id()}"


def person(*, age: timedelta = OLD) -> str:
    return ids.prefix_at(NOON - age) + ids.new_id()[13:]


def used(label: str, people: Iterable[str], moment: datetime, *, location: Location | None = None) -> None:
    """Each of these people posts with a label."""
    for author in people:
        post = written_post(user_id=author, created_at=moment, hashtags=(label,), location=location)
        store.add(label, post, is_private=False)
        activity.note(post, [label])


def by_people(*, count: int, age: timedelta = OLD) -> list[str]:
    return [person(age=age) for _ in range(count)]


def compute(label: str, moment: datetime) -> None:
    trending.compute(activity.shard_of(label), moment)
    trending._kept.clear()


def listed(label: str, region: str | None = None) -> Trend | None:
    return next((trend for trend in trending.snapshot("hashtags", region) if trend.label == label), None)


def stored(model: type[ActivityItem] | type[BaselineItem] | type[TrendsItem], label: str) -> list[str]:
    """All items of a table that say something of a label, byte for byte."""
    return sorted(str(item.serialize()) for item in model.scan() if label in str(item.serialize()))


# --- Activity ---------------------------------------------------------------------------------------------------------


def test_people_are_noted_by_slot_and_region_and_each_once(label: str) -> None:
    # given two posts of one person and one of another, of which one says where it is
    ada, ben = person(), person()
    used(label, [ada, ada, ben], NOON)
    used(label, [ben], NOON - timedelta(minutes=5), location=BERLIN)
    # then
    slot = activity.slot_of(NOON)
    found = activity.uses(activity.shard_of(label), [slot - 1, slot])
    everywhere, berlin = found[labels.GLOBAL, label], found["u33", label]
    assert everywhere[slot].established == {activity.person(ada, label), activity.person(ben, label)}
    assert everywhere[slot - 1].established == {activity.person(ben, label)}
    assert berlin.keys() == {slot - 1}
    assert trending.people(everywhere, slot).weight == 2


def test_events_that_come_twice_and_in_any_order_leave_the_same_bytes(label: str) -> None:
    # given
    posts = [
        new_post(user_id=person(), created_at=NOON - timedelta(minutes=minutes), location=BERLIN)
        for minutes in range(0, 30, 5)
    ]
    for post in posts:
        activity.note(post, [label])
    once = stored(ActivityItem, label)
    # when
    for post in random.Random(1).sample([*posts, *posts], 2 * len(posts)):
        activity.note(post, [label])
    # then
    assert len(once) == 12
    assert stored(ActivityItem, label) == once


def test_what_is_older_than_the_hour_is_not_noted(label: str) -> None:
    activity.note(new_post(user_id=person(), created_at=NOON - activity.WINDOW), [label])
    assert stored(ActivityItem, label) == []


def test_full_activity_item_stays_one_write_unit(label: str, meter: Meter) -> None:
    # given more people than an item takes
    people = by_people(count=activity.FULL + 20)
    before = meter.write_units
    for author in people:
        activity.note(new_post(user_id=author, created_at=NOON), [label])
    # then
    assert meter.write_units - before == len(people)
    [seen] = activity.uses(activity.shard_of(label), [activity.slot_of(NOON)])[labels.GLOBAL, label].values()
    assert len(seen.established) == activity.FULL


def test_the_people_of_a_popular_label_are_spread_over_parts(label: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    monkeypatch.setattr(store, "shards_now", lambda _label: 4)
    people = by_people(count=60)
    for author in people:
        activity.note(new_post(user_id=author, created_at=NOON), [label])
    # then
    assert len(stored(ActivityItem, label)) == 4
    slot = activity.slot_of(NOON)
    assert len(activity.uses(activity.shard_of(label), [slot])[labels.GLOBAL, label][slot].established) == 60


def test_a_person_cannot_be_recognised_under_another_label(label: str) -> None:
    ada = person()
    assert activity.person(ada, label) != activity.person(ada, f"{label}2")
    assert len(activity.person(ada, label)) == 4


# --- What trends ------------------------------------------------------------------------------------------------------


def test_a_burst_of_several_people_trends_with_its_count(label: str) -> None:
    used(label, by_people(count=9), NOON)
    compute(label, NOON)
    assert listed(label) == Trend(label, 9, 8.0)


def test_many_posts_of_one_person_do_not_trend(label: str) -> None:
    ada, many = person(), repetitions(quick=50, full=1000)
    post = written_post(user_id=ada, created_at=NOON, hashtags=(label,))
    store.add(label, post, is_private=False)
    for number in range(many):
        activity.note(new_post(user_id=ada, created_at=NOON - number * timedelta(seconds=1000) / many), [label])
    compute(label, NOON)
    assert listed(label) is None


def test_throwaway_accounts_come_last_among_what_trends(label: str) -> None:
    used(label, by_people(count=40, age=timedelta(hours=1)), NOON)
    compute(label, NOON)
    found = listed(label)
    assert found
    assert found.score == bursts.LEAST_SCORE


def test_running_again_changes_nothing(label: str) -> None:
    # given a label with a past
    used(label, by_people(count=6), NOON - timedelta(minutes=20))
    compute(label, NOON)
    before = stored(BaselineItem, label), stored(TrendsItem, label)
    assert before[0]
    # when
    at_once(*[lambda: trending.compute(activity.shard_of(label), NOON)] * 3)
    # then
    assert (stored(BaselineItem, label), stored(TrendsItem, label)) == before


def test_slots_are_learned_as_they_pass_and_a_burst_that_is_over_stops_trending(
    label: str, at: Callable[[datetime], None]
) -> None:
    # given a burst, after which nobody comes any more
    used(label, by_people(count=12), NOON)
    seen: list[bool] = []
    for minutes in range(0, 80, 5):
        at(NOON + timedelta(minutes=minutes))
        compute(label, clock.now())
        seen.append(listed(label) is not None)
    # then it trends as long as it is in the hour
    assert seen == [True] * 12 + [False] * 4
    known = trends.baselines(activity.shard_of(label))[labels.GLOBAL, label]
    assert known.slot == activity.slot_of(NOON) + 11
    assert known.mean > 0


def test_what_is_usual_does_not_trend(label: str) -> None:
    # given a label that ten people use in every hour
    slot = activity.slot_of(NOON)
    known = Baseline()
    for number in range(slot - 3 * 24 * 12, slot - 2):
        known = bursts.learned(known, number, 10)
    trends.put_baselines(activity.shard_of(label), {(labels.GLOBAL, label): known})
    assert trends.baselines(activity.shard_of(label))[labels.GLOBAL, label].mean == known.mean
    # when
    used(label, by_people(count=11), NOON)
    compute(label, NOON)
    # then
    assert listed(label) is None


def test_a_region_has_what_trends_in_it_and_then_what_trends_everywhere(label: str) -> None:
    # given a burst in Berlin and a larger one elsewhere
    elsewhere = f"{label}-elsewhere"
    used(label, by_people(count=5), NOON, location=BERLIN)
    used(elsewhere, by_people(count=8), NOON)
    compute(label, NOON)
    compute(elsewhere, NOON)
    # then
    berlin = [t.label for t in trending.snapshot("hashtags", "u33") if t.label in (label, elsewhere)]
    everywhere = [t.label for t in trending.snapshot("hashtags") if t.label in (label, elsewhere)]
    assert berlin == [label, elsewhere]
    assert everywhere == [elsewhere, label]


def test_what_no_public_post_carries_any_more_does_not_trend(label: str) -> None:
    # given a burst whose posts are deleted or private by now
    people = by_people(count=6)
    for author in people:
        post = written_post(user_id=author, created_at=NOON, hashtags=(label,))
        store.add(label, post, is_private=True)
        activity.note(post, [label])
    compute(label, NOON)
    assert listed(label) is None


def test_a_place_trends_under_the_name_that_its_newest_post_gives_it() -> None:
    # given a place that nobody else names
    name = f"Hafen {ids.new_id()}"
    place = labels.place_label(Place(name=name, lat=53.54, lon=9.99))
    for author in by_people(count=6):
        post = written_post(user_id=author, created_at=NOON, location=Location(name.upper(), 53.541, 9.991))
        store.add(place, post, is_private=False)
        activity.note(post, [place])
    # when
    compute(place, NOON)
    # then
    [found] = [trend for trend in trending.snapshot("places") if trend.label == place]
    assert (found.post_count, found.place) == (6, Place(name=name.upper(), lat=53.541, lon=9.991))


def test_lists_that_nobody_makes_any_more_expire_before_they_are_deleted(
    label: str, at: Callable[[datetime], None]
) -> None:
    name = trends.list_name("hashtags", f"r{zlib.crc32(label.encode())}")
    trends.put(0, {("hashtags", name.partition("#")[2]): [Trend(label, 1, 5.0)]})
    assert trends.read(name) == [Trend(label, 1, 5.0)]
    at(NOON + trends.TRENDS_KEPT_FOR + timedelta(seconds=1))
    assert trends.read(name) == []


def test_a_baseline_is_read_as_it_was_written() -> None:
    known = Baseline()
    for slot, x in enumerate((3.5, 100, 0, 7), start=activity.slot_of(NOON)):
        known = bursts.learned(known, slot, x)
    assert trends.unpacked(trends.packed(known)) == known
    assert len(trends.packed(known)) == 264
    assert trends.rank(Trend("a", 1, 2.0)) < trends.rank(Trend("a", 1, 1.0)) < trends.rank(Trend("b", 1, 1.0))
