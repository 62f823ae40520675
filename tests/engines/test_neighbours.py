"""Searches for similar posts, posts nearby and people to follow: each engine finds the same, in the same order."""

import random
from collections.abc import Iterable, Sequence
from datetime import timedelta

import pytest

from functions.discovery import acquainting_queries, likeness, likeness_queries, nearby, search
from functions.discovery.likeness import Traits
from functions.graph import service as graph
from functions.media import service as media
from functions.posts.service import Location, Post
from heliograph import clock, popularity
from heliograph.counters import Total
from tests.engines.corpus import Truth
from tests.unit.feed.samples import ANNA, BEN, NOON, post, post_id, profile

LOOK = f"{random.Random(3).getrandbits(256):064x}"
SKAGEN = (57.72, 10.59)
# A hundredth of a degree of latitude.
STEP_KM = 1.112

pytestmark = pytest.mark.usefixtures("empty")


def differing(bits: int) -> str:
    """A hash that differs from LOOK in so many bits, spread evenly over its bands."""
    return f"{int(LOOK, 16) ^ sum(1 << (16 * (number % 16) + number // 16) for number in range(bits)):064x}"


def unlike(seed: int) -> str:
    return f"{random.Random(100 + seed).getrandbits(256):064x}"


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Hashes of pictures by media id; a test fills it."""
    known: dict[str, str] = {}
    monkeypatch.setattr(media, "looks", lambda ids: {one: known[one] for one in ids if one in known})
    return known


def index(posts: Iterable[Post], hashtags: dict[str, int] | None = None) -> None:
    """Let the consumer index posts of people of these names, and hashtags with their counts."""
    shown = {item.post_id: item for item in posts}
    people = {item.user_id: profile(item.user_id, username=item.user_id) for item in shown.values()}
    Truth(people, shown, {tag: Total(count, count) for tag, count in (hashtags or {}).items()}).index()


def numbers(body: likeness_queries.Query) -> list[int]:
    [hits] = search.run(("posts", body))
    return [int(hit.id[-12:]) for hit in hits]


def traits(
    look: str | None = None, caption: str = "", hashtags: Sequence[str] = (), place: Location | None = None
) -> Traits:
    return likeness.of_post(post(post_id(0), caption=caption, hashtags=tuple(hashtags), location=place), look)


# --- Similar ----------------------------------------------------------------------------------------------------------


def test_pictures_are_found_the_nearest_first_and_no_copy_is_missed(looks: dict[str, str]) -> None:
    # given pictures that differ in ever more bits, and some that have nothing to do with them
    looks |= {f"m{number}": differing(bits) for number, bits in enumerate((31, 24, 8, 0, 20), 1)}
    looks |= {f"m{number}": unlike(number) for number in range(6, 40)}
    index(post(post_id(number), media_ids=(f"m{number}",)) for number in range(1, 41))
    # then those come first of which most bands have one different bit at most; the later one of equals
    found = numbers(likeness_queries.looking_like(traits(LOOK), LOOK, ()))
    assert found[:5] == [4, 3, 5, 2, 1]
    assert len(found) < 10


def test_what_is_found_can_be_compared(looks: dict[str, str]) -> None:
    looks |= {"first": differing(20), "second": unlike(1)}
    shown = post(
        post_id(1),
        media_ids=("first", "second"),
        caption="An evening at the lighthouse",
        hashtags=("sea",),
        location=Location("Skagen", *SKAGEN),
        like_count=3,
        comment_count=2,
    )
    index([shown])
    [[hit]] = search.run(("posts", likeness_queries.looking_like(traits(LOOK), LOOK, ())))
    assert likeness.of_document(hit.id, hit.source) == likeness.of_post(shown, looks["first"])


def test_posts_about_the_same_are_found_the_rarest_hashtag_first() -> None:
    one = traits(caption="Evening at the Lighthouse", hashtags=("sea", "skagen"), place=Location("Skagen", *SKAGEN))
    index(
        [
            post(post_id(1), hashtags=("sea",)),
            post(post_id(2), hashtags=("skagen",)),
            post(post_id(3), hashtags=("sea", "skagen")),
            post(post_id(4), hashtags=(), caption="the évening lighthouse"),
            post(post_id(5), hashtags=(), location=Location("A dune", SKAGEN[0] + 0.1, SKAGEN[1])),
            post(post_id(6), hashtags=(), location=Location("Aalborg", 57.05, 9.92)),
            post(post_id(7), hashtags=("harbour",), caption="nothing of it"),
            post(post_id(8), "enemy", hashtags=("skagen",)),
        ]
    )
    assert numbers(likeness_queries.speaking_like(one, {"sea": 0.1, "skagen": 0.4}, {"enemy"})) == [3, 2, 4, 5, 1]


def test_a_post_is_not_like_itself(looks: dict[str, str]) -> None:
    looks["m"] = LOOK
    index([post(post_id(0), media_ids=("m",)), post(post_id(1), media_ids=("m",))])
    assert numbers(likeness_queries.looking_like(traits(LOOK), LOOK, ())) == [1]
    assert numbers(likeness_queries.speaking_like(traits(hashtags=["sunset"]), {"sunset": 1.0}, ())) == [1]


def test_empty_profile_has_no_similar_people() -> None:
    index([post(post_id(1))])
    assert numbers(likeness_queries.speaking_like(traits(), {}, ())) == []


def test_hashtags_are_counted_in_one_search() -> None:
    index([], {"sea": 900, "skagen": 4, "dunes": 7})
    [hits] = search.run(("hashtags", likeness_queries.counts(["sea", "skagen", "unheard"])))
    assert {hit.id: hit.source["postCount"] for hit in hits} == {"sea": 900, "skagen": 4}


# --- Nearby -----------------------------------------------------------------------------------------------------------


def at(number: int, steps: float, *, days: float = 0, likes: int = 0, comments: int = 0, author: str = ANNA) -> Post:
    """A post so many hundredths of a degree north of Skagen, so many days before noon."""
    return post(
        post_id(number),
        author,
        location=Location("Here", SKAGEN[0] + steps / 100, SKAGEN[1]),
        created_at=NOON - timedelta(days=days),
        like_count=likes,
        comment_count=comments,
    )


def near(posts: Iterable[Post], radius_km: float = 10, without: Sequence[str] = ()) -> list[int]:
    index([*posts, post(post_id(99))])
    area = nearby.around(SKAGEN[0] + 0.004, SKAGEN[1] - 0.003, radius_km)
    return numbers(nearby.query(area, NOON, list(without)) | {"size": 50})


def test_near_ones_come_first_and_far_ones_not_at_all() -> None:
    assert near([at(1, 8), at(2, 0), at(3, 2), at(4, 11 / STEP_KM)]) == [2, 3, 1]


def test_a_new_post_farther_away_comes_before_an_old_one() -> None:
    assert near([at(1, 0, days=60), at(2, 4)]) == [2, 1]
    # a step of a quarter of the radius is worth half, as a week is
    assert near([at(1, 0, days=6), at(2, 10 / 4 / STEP_KM)]) == [1, 2]
    assert near([at(1, 0, days=8), at(2, 10 / 4 / STEP_KM)]) == [2, 1]


def test_likes_and_comments_count_by_their_decades() -> None:
    assert near([at(1, 0), at(2, 0, likes=9), at(3, 0, likes=99), at(4, 0, likes=9, comments=9, days=0.1)]) == [
        3,
        4,
        2,
        1,
    ]


def test_what_is_made_later_moves_nothing_and_equals_are_ordered_by_id() -> None:
    assert near([at(1, 1), at(2, 1), at(3, 0, days=-1)]) == [2, 1]


def test_people_hidden_by_block_are_left_out() -> None:
    assert near([at(1, 0), at(2, 0, author="enemy")], without=["enemy"]) == [1]


def test_a_list_is_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph, "blocks_with", lambda _user_id: set[str]())
    monkeypatch.setattr(clock, "now", lambda: NOON)
    index(at(number, number / 4) for number in range(1, 26))
    area, position, found = nearby.around(*SKAGEN, 10), None, list[str]()
    while not found or position:
        page = nearby.post_ids(BEN, area, position, 10)
        found, position = [*found, *page.items], page.next
    assert found == [post_id(number) for number in range(1, 26)]


# --- People -----------------------------------------------------------------------------------------------------------


def test_authors_come_once_by_the_post_that_fits_best() -> None:
    index(
        [
            post(post_id(1), "ada", hashtags=("birds", "sea")),
            post(post_id(2), "ada", hashtags=("birds",)),
            post(post_id(3), "bea", hashtags=("birds",)),
            post(post_id(4), "cleo", hashtags=("sea",)),
            post(post_id(5), "old", hashtags=("birds",), created_at=NOON - timedelta(days=91)),
            post(post_id(6), "known", hashtags=("birds",)),
            post(post_id(7), "dora", hashtags=("cars",)),
        ]
    )
    query = acquainting_queries.writing_of({"birds": 0.75, "sea": 0.5}, {"me", "known"}, NOON)
    [hits] = search.run(("posts", query))
    assert [hit.source for hit in hits] == [
        {"authorId": "ada", "hashtags": ["birds", "sea"]},
        {"authorId": "bea", "hashtags": ["birds"]},
        {"authorId": "cleo", "hashtags": ["sea"]},
    ]


def test_well_known_people_by_their_followers_and_verified_ones_before_those_with_as_many() -> None:
    people = [
        profile("small", follower_count=3),
        profile("large", follower_count=5000),
        profile("official", follower_count=5000, is_verified=True),
        profile("hermit", follower_count=9000, is_private=True),
        profile("known", follower_count=9000),
        profile("twin", follower_count=3),
    ]
    Truth({person.user_id: person for person in people}).index()
    [hits] = search.run(("users", acquainting_queries.famous({"me", "known"})))
    assert [hit.id for hit in hits] == ["official", "large", "small", "twin"]
    assert hits[0].source == {"followerCount": popularity.step(5000), "isVerified": True}
