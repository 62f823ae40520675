"""How like two posts are, and which of them make a good list."""

from dataclasses import replace

import pytest

from functions.discovery import documents, likeness
from functions.discovery.likeness import Traits
from functions.posts.service import Location
from tests.unit.discovery.test_pictures import LOOK, differing
from tests.unit.feed.samples import NOON, hours_ago, post, post_id, profile

ONE = Traits(
    post_id=post_id(1),
    author_id="anna",
    created_at=NOON,
    look=LOOK,
    hashtags=("sea", "skagen"),
    gist=frozenset({"lighthouse", "evening", "breakers"}),
    place=(57.72, 10.59),
    likes=0,
    comments=0,
)
RARITIES = {"sea": likeness.rarity(1_000_000), "skagen": likeness.rarity(14)}
UNLIKE = replace(ONE, look=None, hashtags=(), gist=frozenset[str](), place=None)


def other(number: int, **changes: object) -> Traits:
    return replace(UNLIKE, post_id=post_id(number), author_id=f"author-{number}", **changes)


def best(*others: Traits, most: int = 60) -> list[str]:
    return [found.post_id for found in likeness.best(ONE, others, RARITIES, NOON, most)]


def test_the_rarer_a_hashtag_the_more_it_tells():
    rarities = [likeness.rarity(count) for count in (0, 2, 14, 1_000_000)]
    assert rarities[:3] == pytest.approx([1, 1 / 2, 1 / 4])
    assert rarities == sorted(rarities, reverse=True)
    assert likeness.likeness(ONE, other(2, hashtags=("skagen",)), RARITIES) == pytest.approx(
        0.25 / sum(RARITIES.values())
    )
    assert best(other(2, hashtags=("sea",)), other(3, hashtags=("skagen",))) == [post_id(3), post_id(2)]


@pytest.mark.parametrize(
    ("common", "worth"),
    [
        ({"look": differing(LOOK, 40)}, 56 / 65),
        ({"hashtags": ("skagen", "sea", "other")}, 1.0),
        ({"gist": frozenset({"lighthouse", "evening", "summer"})}, 0.4 * 2 / 3),
        ({"place": (57.72, 10.59)}, 0.4),
        ({"place": (57.72 + 5 / 111.195, 10.59)}, 0.2),
        ({}, 0.0),
    ],
    ids=["picture", "topics", "words", "place", "a place 5 km away", "nothing"],
)
def test_what_two_posts_have_in_common(common, worth):
    assert likeness.likeness(ONE, other(2, **common), RARITIES) == pytest.approx(worth, abs=1e-3)


def test_of_posts_with_as_much_in_common_the_liked_and_the_new_come_first():
    tagged = {"hashtags": ("skagen",)}
    old, new = other(2, **tagged, created_at=hours_ago(24 * 60)), other(3, **tagged)
    liked = other(4, **tagged, likes=300, comments=10)
    assert best(old, new, liked) == [liked.post_id, new.post_id, old.post_id]


def test_popularity_and_recency_alone_are_no_similarity():
    assert best(other(2, likes=1_000_000)) == []
    assert best(other(3, gist=frozenset({"evening"}))) == [post_id(3)]
    many = replace(ONE, gist=frozenset(f"word{number}" for number in range(8)))
    assert likeness.best(many, [other(2, gist=frozenset({"word1"}))], {}, NOON, 9) == []


def test_the_order_depends_on_nothing_but_the_posts():
    posts = [other(number, hashtags=("sea",)) for number in range(2, 30)]
    assert best(*posts) == best(*reversed(posts)) == [item.post_id for item in reversed(posts)]
    assert best(*posts, *posts, most=5) == [item.post_id for item in posts[:-6:-1]]


def test_copies_of_a_picture_are_not_similar_posts():
    copies = [other(number, look=differing(LOOK, bits), hashtags=("skagen",)) for number, bits in ((2, 0), (3, 31))]
    assert best(*copies, ONE) == []
    assert best(other(4, look=differing(LOOK, 32), hashtags=("skagen",))) == [post_id(4)]


def test_best_of_several_copies_is_listed():
    look = differing(LOOK, 120)
    alike = [
        other(number, look=differing(look, bits), hashtags=("skagen",), likes=number)
        for number, bits in ((2, 0), (3, 31), (4, 20))
    ]
    another = other(5, look=differing(LOOK, 128), hashtags=("sea",))
    assert best(*alike, another) == [post_id(4), another.post_id]


def test_no_author_fills_the_list():
    flood = [replace(other(number, hashtags=("skagen",)), author_id="flood") for number in range(2, 20)]
    assert best(*flood, other(20, hashtags=("sea",))) == [*(post_id(number) for number in (19, 18, 17)), post_id(20)]


def test_words_are_the_longer_ones_without_case_accents_and_hashtags():
    assert likeness.gist("The Évening at the Lighthouse, #breakers") == {"evening", "lighthouse"}
    assert len(likeness.gist(" ".join(f"number{number}" for number in range(20)))) == likeness.MOST_WORDS


def test_a_post_has_the_same_traits_in_the_table_and_in_the_index():
    shown = post(
        caption="The Évening at the lighthouse #sea",
        location=Location("Skagen", 57.72, 10.59),
        like_count=3,
        comment_count=1,
    )
    known = likeness.of_document(shown.post_id, documents.post(shown, profile(), LOOK))
    assert known == likeness.of_post(shown, LOOK)
    assert known.place == (57.72, 10.59)


def test_distances_are_those_of_a_great_circle():
    paris, london = (48.8566, 2.3522), (51.5074, -0.1278)
    assert likeness.kilometres(paris, london) == pytest.approx(343.6, abs=0.5)
    assert likeness.kilometres((0, 179.9), (0, -179.9)) == pytest.approx(22.2, abs=0.1)
