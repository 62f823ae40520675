"""The judgement set: both engines give the same first ten, and people find what they look for."""

import pytest

from benchmarks import relevance
from benchmarks.relevance import Ranking, mrr_of, ndcg, reciprocal_rank
from tests.engines.engines import COMMANDS, Engine, used
from tests.engines.judgements.wanted import JUDGEMENTS


@pytest.fixture(scope="module")
def found(osmem: Engine, opensearch: Engine) -> dict[str, list[Ranking]]:
    """What each engine answers to every judged query."""
    found: dict[str, list[Ranking]] = {}
    for engine in (osmem, opensearch):
        with used(engine, relevance.CORPUS):
            relevance.fill()
            found[engine.name] = relevance.rankings(relevance.ours)
    return found


def test_the_first_ten_are_the_same_on_both_engines(found: dict[str, list[Ranking]]) -> None:
    differing = {
        (judged.kind, judged.query): (one, other)
        for judged, one, other in zip(JUDGEMENTS, found["osmem"], found["opensearch"], strict=True)
        if one != other
    }
    assert differing == {}


@pytest.mark.parametrize("engine", list(COMMANDS))
def test_people_find_what_they_look_for(engine: str, found: dict[str, list[Ranking]]) -> None:
    assert mrr_of(found[engine]) >= relevance.MRR_TARGET


def test_there_are_enough_judgements_and_each_has_something_that_is_looked_for() -> None:
    assert len(JUDGEMENTS) >= 150
    assert len({(judged.kind, judged.query, judged.follows) for judged in JUDGEMENTS}) == len(JUDGEMENTS)
    assert all(relevance.LOOKED_FOR in judged.wanted.values() for judged in JUDGEMENTS)


@pytest.mark.parametrize(
    ("ranking", "rank", "gain"),
    [
        # 2^3 - 1 and 2^1 - 1, discounted by log2 of 2, 3 and 4.
        pytest.param(["a", "b"], 1.0, 1.0, id="best first"),
        pytest.param(["b", "a"], 1 / 2, (1 + 7 / 1.5849625) / (7 + 1 / 1.5849625), id="second"),
        pytest.param(["x", "y", "a"], 1 / 3, 3.5 / (7 + 1 / 1.5849625), id="third"),
        pytest.param(["x"], 0.0, 0.0, id="not at all"),
        pytest.param([*map(str, range(10)), "a"], 0.0, 0.0, id="behind the tenth"),
    ],
)
def test_the_measures(ranking: Ranking, rank: float, gain: float) -> None:
    wanted: dict[str | int, int] = {"a": 3, "b": 1}
    assert reciprocal_rank(wanted, ranking) == pytest.approx(rank)
    assert ndcg(wanted, ranking) == pytest.approx(gain)
