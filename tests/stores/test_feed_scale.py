"""What feeds cost, and what is left of a fan-out that broke off: the real service on the real engine, small sizes."""

from collections.abc import Callable, Iterator

import pytest

from functions.feed import candidates, readers, rebuilding, store, timelines
from functions.feed.fanout import pulled_entry
from functions.feed.home import home
from functions.feed.hybrid import Feed
from functions.graph import service as graph
from functions.posts.store import PostItem
from heliograph import clock, config, ids, live
from tests.capacity import Meter
from tests.stores import feed_scene as scene
from tests.stores.feed_scene import Pages

ALL = 10**9


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "MEDIA_DELIVERY": "cdn", "MEDIA_BASE_URL": "https://media.example", "MEDIA_BUCKET": "m", "MEDIA_SECRET": "s",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    config.forget()
    scene.cold()


@pytest.fixture
def pages() -> Iterator[Pages]:
    with scene.fan_out(Feed(threshold=ALL)) as pages:
        yield pages


def shown(viewer_id: str, count: int = 50) -> list[str]:
    scene.cold()
    return [post.post_id for post in home(viewer_id, "latest").page(None, count).items]


def owners_of(post_id: str, among: list[str]) -> set[str]:
    return {owner for owner in among if any(entry.post_id == post_id for entry in store.newest(owner, None, 50))}


# --- Pushing --------------------------------------------------------------------------------------------------------


def test_a_post_costs_one_write_unit_for_each_active_follower_and_a_constant(pages: Pages, meter: Meter) -> None:
    costs = []
    for active in (20, 60):
        # given an author, half of whose followers are away
        [author] = scene.accounts(1, followers=2 * active)
        followers = [ids.new_id() for _ in range(2 * active)]
        scene.follow(followers, [author])
        scene.visit(followers[:active])
        scene.visit(followers[active:], days_ago=31)
        post_id = scene.post(author)
        before = meter.write_units
        # when
        scene.publish(pages, post_id, author)
        # then
        costs.append(meter.write_units - before - active)
        assert owners_of(post_id, followers) == {*followers[:active]}
    assert costs == [2, 2]  # the author's timeline and own feed


def test_above_the_threshold_a_post_costs_a_constant(meter: Meter) -> None:
    with scene.fan_out(Feed(threshold=10)) as pages:
        # given an author who has become large with an earlier post
        [author] = scene.accounts(1, followers=30)
        followers = [ids.new_id() for _ in range(30)]
        scene.follow(followers, [author])
        scene.visit(followers)
        first, second = (scene.post(author, at=number) for number in range(2))
        scene.publish(pages, first, author)
        before = meter.write_units
        # when
        scene.publish(pages, second, author)
        # then
        assert meter.write_units - before == 2
        assert owners_of(first, followers) == {*followers}
        assert owners_of(second, followers) == set()
        assert all(shown(follower) == [second, first] for follower in followers[:3])


def test_a_fan_out_that_dies_again_and_again_is_completed_without_loss(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given more followers than the heads and a few pages hold
    monkeypatch.setattr("functions.feed.fanout.HEAD_SIZE", 5)
    monkeypatch.setattr("functions.feed.fanout.PAGE_SIZE", 10)
    [author] = scene.accounts(1, followers=200)
    followers = [ids.new_id() for _ in range(200)]
    scene.follow(followers, [author])
    scene.visit(followers)
    post_id = scene.post(author)
    # when
    with scene.crashing_at(2, 5, 6, 11):
        scene.publish(pages, post_id, author)
    # then
    assert owners_of(post_id, followers) == {*followers}
    assert pages.served >= 16  # at least two pages for each shard


# --- Reading --------------------------------------------------------------------------------------------------------


def test_what_is_pulled_and_what_is_pushed_make_one_feed_in_order(pages: Pages) -> None:
    # given posts of a small and of a large author in turn, one of which came both ways
    viewer, small, large = scene.accounts(3)
    scene.follow([viewer], [small, large])
    scene.visit([viewer])
    expected: list[str] = []
    for number in range(6):
        author = (small, large)[number % 2]
        expected.insert(0, scene.post(author, at=number))
        if author == large:
            timelines.add(large, expected[0])
        if author == small or number == 3:
            store.put([pulled_entry(viewer, author, expected[0])])
    timelines.cross(large, expected[0])
    scene.pull(viewer, [large])
    # then
    assert shown(viewer) == expected
    # and page by page, in either order
    for order in ("latest", "ranked"):
        found, position = [], None
        while True:
            page = home(viewer, order).page(position, 2)  # type: ignore[arg-type]
            found += [post.post_id for post in page.items]
            position = page.next
            if position is None:
                break
        assert found == expected
    # and without what is pulled, if that is switched off
    with scene.fan_out(Feed(pull=False)):
        live.read(Feed, patient=True)
        assert shown(viewer) == [expected[1], expected[2], expected[3], expected[5]]


def test_returning_reader_finds_feed_and_gets_new_posts(pages: Pages) -> None:
    # given somebody who has been away while others posted
    viewer, author, large = scene.accounts(3)
    scene.follow([viewer], [author, large])
    scene.visit([viewer], days_ago=40)
    missed = [scene.post(one, at=number) for number, one in enumerate((author, large, viewer))]
    for post_id, one in zip(missed, (author, large, viewer), strict=True):
        scene.publish(pages, post_id, one)
    timelines.cross(large, missed[1])
    # when
    first = shown(viewer)
    # then
    assert first == missed[::-1]
    assert shown(viewer) == first
    reader = readers.find(viewer)
    assert reader is not None
    assert reader.is_filled
    assert reader.pulled == (large,)
    # and then
    new = scene.post(author, at=5)
    scene.publish(pages, new, author)
    assert shown(viewer)[0] == new


def test_favourites_are_known_at_once_and_after_absence(pages: Pages) -> None:
    # given
    viewer, author, other = scene.accounts(3)
    graph.follow(viewer, author)
    graph.follow(viewer, other)
    scene.visit([viewer])

    def favourites() -> frozenset[str]:
        return candidates.reads(viewer, 0, pull=True, visit=False).favourites

    # when one is switched on, twice
    graph.post_notifications(viewer, author, on=True)
    for _ in range(2):
        rebuilding.settle_favourite(viewer, author)
    # then
    assert favourites() == {author}
    # and after an absence it is read from the graph again
    readers.drop(viewer)
    assert favourites() == {author}
    # and off again, late events of the past change nothing
    graph.post_notifications(viewer, author, on=False)
    rebuilding.settle_favourite(viewer, author)
    rebuilding.settle_favourite(viewer, other)
    assert favourites() == frozenset()


def test_a_rebuilding_that_died_is_done_by_the_next_request(pages: Pages) -> None:
    viewer, author = scene.accounts(2)
    scene.follow([viewer], [author])
    post_id = scene.post(author)
    scene.publish(pages, post_id, author)
    with scene.crashing_at(1), pytest.raises(scene.Crash):
        shown(viewer)
    assert shown(viewer) == [post_id]


UNDOING: dict[str, Callable[[str, str], object]] = {
    "unfollow": graph.unfollow,
    "mute": lambda viewer, author: graph.mute(viewer, author, posts=True, stories=False),
    "block": graph.block,
    "blocked": lambda viewer, author: graph.block(author, viewer),
    "removed": lambda viewer, author: graph.remove_follower(author, viewer),
}


@pytest.mark.parametrize("undone", UNDOING)
def test_what_ends_a_following_hides_posts_with_the_next_reading(pages: Pages, undone: str) -> None:
    # given a pushed and a pulled author in a feed
    viewer, author, large = scene.accounts(3)
    for one in (author, large):
        graph.follow(viewer, one)
    scene.visit([viewer])
    pushed, pulled = scene.post(author), scene.post(large, at=1)
    scene.publish(pages, pushed, author)
    timelines.add(large, pulled)
    scene.pull(viewer, [large])
    assert shown(viewer) == [pulled, pushed]
    # when
    for one in (author, large):
        UNDOING[undone](viewer, one)
    # then
    assert shown(viewer) == []
    if undone == "mute":
        for one in (author, large):
            graph.mute(viewer, one, posts=False, stories=False)
        assert shown(viewer) == [pulled, pushed]


def test_posts_for_close_friends_are_seen_by_these_alone(pages: Pages) -> None:
    viewer, author = scene.accounts(2)
    graph.follow(viewer, author)
    scene.visit([viewer])
    post_id = scene.post(author)
    scene.publish(pages, post_id, author)
    item = PostItem.get(post_id)
    item.update(actions=[PostItem.audience.set("closeFriends")])
    assert shown(viewer) == []
    graph.close_friend(author, viewer, on=True)
    assert shown(viewer) == [post_id]


def test_reader_who_hides_many_has_each_tie_read(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph, "MOST_HIDDEN", 1)
    viewer, *authors = scene.accounts(4)
    for author in authors:
        graph.follow(viewer, author)
    scene.visit([viewer])
    found = [scene.post(author, at=number) for number, author in enumerate(authors)]
    for post_id, author in zip(found, authors, strict=True):
        scene.publish(pages, post_id, author)
    for author in authors[:2]:
        graph.unfollow(viewer, author)
    assert shown(viewer) == [found[2]]


def test_page_cost_does_not_grow_with_followees(pages: Pages, meter: Meter) -> None:
    units = []
    for count in (10, 60):
        # given a viewer whose newest posts are of as many authors as there are, and others are pulled
        viewer, *authors = scene.accounts(count + 1)
        large = scene.accounts(count)
        scene.follow([viewer], [*authors, *large])
        scene.visit([viewer])
        newest = [(scene.post(authors[number % count], at=number), authors[number % count]) for number in range(40)]
        store.put(pulled_entry(viewer, author, post_id) for post_id, author in newest)
        for number, author in enumerate(large):
            timelines.add(author, scene.post(author, at=number))
        scene.pull(viewer, large)
        scene.cold()
        before = meter.read_units
        # when
        page = home(viewer, "ranked").page(None, 20)
        # then
        units.append(meter.read_units - before)
        assert len(page.items) == 20
    assert units[1] <= 40
    assert units[1] <= 1.2 * units[0]


def test_reading_is_noted_once_a_day(pages: Pages, meter: Meter) -> None:
    [viewer] = scene.accounts(1)
    scene.visit([viewer], days_ago=2)
    before = meter.write_units
    for _ in range(3):
        shown(viewer)
    assert meter.write_units - before == 1
    assert readers.active([viewer], clock.now()) == {viewer}
