"""Which pictures look alike, by the bits in which their hashes differ."""

import random

import pytest

from functions.discovery import documents, pictures
from functions.discovery.pictures import Seen
from functions.media import bands
from tests.unit.feed.samples import post, profile

CHANCE = random.Random(11)
LOOK = f"{CHANCE.getrandbits(256):064x}"


def differing(look: str, bits: int, chance: random.Random = CHANCE) -> str:
    """A hash that differs in so many bits."""
    changed = sum(1 << bit for bit in chance.sample(range(256), bits))
    return f"{int(look, 16) ^ changed:064x}"


def asked_for(look: str) -> set[str]:
    return {term for terms in pictures.near_bands(look) for term in terms}


def test_a_hash_is_indexed_by_sixteen_bands_that_are_all_of_it():
    terms = pictures.bands(LOOK)
    assert [int(term.partition(":")[0]) for term in terms] == list(range(16))
    assert "".join(term.partition(":")[2] for term in reversed(terms)) == LOOK


def test_a_search_asks_for_each_band_and_its_neighbours_at_one_bit():
    near = pictures.near_bands(LOOK)
    assert [terms[0] for terms in near] == pictures.bands(LOOK)
    assert {len(set(terms)) for terms in near} == {17}


@pytest.mark.parametrize("bits", [0, 1, 15, 16, 31])
def test_copies_are_found_wherever_their_bits_differ(bits):
    chance = random.Random(bits)
    for _ in range(200):
        assert asked_for(LOOK) & set(pictures.bands(differing(LOOK, bits, chance)))
    # and not where every band has as many of them as it can
    evenly = f"{int(LOOK, 16) ^ sum(1 << (16 * (number % 16) + number // 16) for number in range(bits)):064x}"
    assert asked_for(LOOK) & set(pictures.bands(evenly))


@pytest.mark.parametrize(("bits", "nearness"), [(0, 1), (31, 1), (63, 33 / 65), (96, 0), (128, 0)])
def test_nearness_falls_with_the_distance(bits, nearness):
    other = differing(LOOK, bits)
    assert pictures.distance(LOOK, other) == bits
    assert pictures.nearness(LOOK, other) == pytest.approx(nearness)


@pytest.mark.parametrize("turned", range(8))
def test_seen_pictures_match_when_turned_and_within_the_distance(turned):
    seen = Seen(31)
    assert not seen.has(LOOK)
    seen.add(LOOK)
    copied = f"{bands.variants(int(LOOK, 16))[turned]:064x}"
    assert seen.has(differing(copied, 31))
    assert not seen.has(differing(LOOK, 32))


def test_a_posts_document_has_the_hash_of_its_picture_and_its_bands():
    document = documents.post(post(), profile(), LOOK)
    assert (document["fingerprint"], document["bands"]) == (LOOK, pictures.bands(LOOK))


def test_a_picture_that_is_too_plain_for_a_hash_has_no_bands():
    assert not {"fingerprint", "bands"} & documents.post(post(), profile(), None).keys()
