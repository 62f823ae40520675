"""How dear authors are to somebody: what is kept of their encounters, and what follows from it."""

import random
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.feed import affinity, encounters
from functions.feed.affinity import COMMENTED, LIKED, SEEN, affinities, key, look, merged
from functions.feed.weights import Weights
from heliograph import clock, ids
from tests.unit.feed.samples import ANNA, BEN, NOON

few = settings(max_examples=40, deadline=None)
WEIGHTS = Weights(memory_half_life_days=10, prior=0.2, prior_encounters=2)
AUTHORS = (ANNA, BEN)
DAY = 86_400

signals = st.lists(
    st.tuples(
        st.tuples(st.sampled_from(AUTHORS), st.integers(1_790_000_000, 1_790_000_000 + 90 * DAY)), st.integers(0, 100)
    ),
    max_size=30,
)


def met(author_id: str, days_ago: float, strength: int, second: int = 0) -> tuple[tuple[str, int], int]:
    return (author_id, clock.epoch(NOON - timedelta(days=days_ago)) + second), strength


# --- What is kept ---------------------------------------------------------------------------------------------------


@few
@given(signals, st.randoms(use_true_random=False), st.integers(1, 8))
def test_repeated_late_and_reordered_signs_give_the_same_state(found, chance: random.Random, kept: int):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(affinity, "KEPT", kept)
        at_once = merged({}, found)
        # when each signal comes twice, shuffled, one after the other
        late = [*found, *found]
        chance.shuffle(late)
        one_by_one = {}
        for signal in late:
            one_by_one = merged(one_by_one, [signal])
    assert one_by_one == at_once
    assert encounters.packed(one_by_one) == encounters.packed(at_once)
    assert len(at_once) <= kept


@few
@given(signals)
def test_what_is_written_is_what_is_read(found):
    known = merged({}, found)
    assert encounters.unpacked(encounters.packed(known)) == known


def test_the_stronger_sign_of_interest_stays():
    assert merged(dict([met(ANNA, 0, LIKED)]), [met(ANNA, 0, look(500))]) == dict([met(ANNA, 0, LIKED)])
    assert merged(dict([met(ANNA, 0, LIKED)]), [met(ANNA, 0, COMMENTED)]) == dict([met(ANNA, 0, COMMENTED)])


def test_old_glances_are_dropped_before_older_likes():
    # given a like of last month, and since then more glances than are kept
    like = met(ANNA, 30, LIKED)
    glances = [met(BEN, 3, SEEN, second) for second in range(affinity.KEPT)]
    # when
    known = merged(dict([like]), glances)
    # then
    assert len(known) == affinity.KEPT
    assert like[0] in known
    assert glances[0][0] not in known
    assert glances[1][0] in known


def test_view_time_is_worth_less_than_a_like():
    assert look(0) == SEEN
    assert look(1000) < look(3000) < look(600_000) < LIKED < COMMENTED
    assert look(affinity.HALF_LOOK_MS) == affinity.LOOKED / 2


def test_a_post_is_known_by_its_author_and_the_second_in_which_it_was_made():
    post_id = f"{ids.prefix_at(NOON)}-7000-8000-000000000001"
    assert key(ANNA, post_id) == (ANNA, clock.epoch(NOON))


# --- What follows ---------------------------------------------------------------------------------------------------


def test_no_encounters_give_no_affinities():
    assert affinities({}, NOON, WEIGHTS) == {}


def test_likes_raise_affinity_and_skips_lower_it():
    found = affinities(dict([met(ANNA, 1, LIKED), met(BEN, 1, SEEN)]), NOON, WEIGHTS)
    assert found[ANNA] > WEIGHTS.prior > found[BEN] > 0


def test_the_mean_is_that_of_the_formula():
    # given an encounter of now, and one of a half-life ago
    known = dict([met(ANNA, 0, 100), met(ANNA, 10, 40)])
    # then
    expected = (2 * 0.2 + 1 * 1.0 + 0.5 * 0.4) / (2 + 1 + 0.5)
    assert affinities(known, NOON, WEIGHTS)[ANNA] == pytest.approx(expected)


def test_affinity_decays_to_the_prior():
    known = dict([met(ANNA, 0, 100)])
    found = [affinities(known, NOON + timedelta(days=days), WEIGHTS)[ANNA] for days in (0, 10, 20, 400)]
    assert found == sorted(found, reverse=True)
    assert found[-1] == pytest.approx(WEIGHTS.prior, abs=1e-6)


@few
@given(signals)
def test_affinity_is_above_0_and_up_to_1(found):
    assert all(0 < value <= 1 for value in affinities(merged({}, found), NOON, WEIGHTS).values())
