"""How good the ranked feed is, in a simulated community: NDCG@20 and watch time against other rankers.

    python -m benchmarks.ranking [--seed N]

The committed weights were tuned (`benchmarks.ranking.tune`) on the first half of the people; here the second half is
asked. Each session's NDCG is averaged by person, and intervals are the 95 % of a bootstrap over people.
"""

import argparse

import numpy as np

from benchmarks.ranking import rankers
from benchmarks.ranking.community import Size, community
from benchmarks.ranking.sessions import Outcome, Ranker, live, opened
from functions.feed.weights import Weights

SEED = 6
TARGET = 25
RESAMPLED = 2000
LEARNING_DAYS = 10


def compared() -> dict[str, Ranker]:
    """All rankers, production's last, and before it what it is without each signal."""
    standard = Weights()

    def without(**changes: float) -> Ranker:
        return rankers.production(standard.model_copy(update=changes))

    return {
        "recency only": rankers.recency,
        "popularity only": rankers.popularity,
        "recency, unseen first": rankers.unseen_first,
        "oracle": rankers.oracle,
        "ranker without affinity": without(affinity=0.0),
        "ranker without velocity": without(velocity=0.0),
        "ranker without seen": without(seen=0.0),
        "ranker without diversity": without(same_author=0.0, same_type=0.0),
        "ranker": rankers.production(standard),
    }


def by_person(sessions: dict[int, list[float]], viewers: list[int]) -> np.ndarray:
    return np.array([np.mean(sessions[viewer]) for viewer in viewers])


def gain(ours: np.ndarray, theirs: np.ndarray, seed: int) -> tuple[float, float, float]:
    """By how many per cent the mean of `ours` is above that of `theirs`, and the interval; the same people in both."""
    drawn = np.random.default_rng(seed).integers(len(ours), size=(RESAMPLED, len(ours)))
    ratios = ours[drawn].mean(1) / theirs[drawn].mean(1)
    low, high = np.percentile(ratios, [2.5, 97.5])
    return tuple(100 * (ratio - 1) for ratio in (ours.mean() / theirs.mean(), low, high))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED)
    seed = parser.parse_args().seed
    size = Size()
    world = community(seed, size)
    held_out = list(range(size.people // 2, size.people))
    sessions = opened(seed, held_out, size.days)
    outcomes = {name: live(world, sessions, ranker, 24 * LEARNING_DAYS) for name, ranker in compared().items()}
    viewers = sorted(set.intersection(*(set(outcome.ndcg) for outcome in outcomes.values())))
    _print(outcomes, viewers, seed)


def _print(outcomes: dict[str, Outcome], viewers: list[int], seed: int) -> None:
    base = outcomes["recency only"]
    print(f"{len(viewers)} people, {sum(len(base.ndcg[viewer]) for viewer in viewers)} sessions, seed {seed}\n")
    print("| ranker | NDCG@20 | over recency only, % (95 %) | watch time, s | over recency only, % (95 %) |")
    print("|---|---|---|---|---|")
    for name, outcome in outcomes.items():
        cells = [name]
        for ours, theirs in ((outcome.ndcg, base.ndcg), (outcome.seconds, base.seconds)):
            values, others = by_person(ours, viewers), by_person(theirs, viewers)
            more, low, high = gain(values, others, seed)
            cells += [f"{values.mean():.3f}", f"{more:+.1f} ({low:+.1f} to {high:+.1f})"]
        print(f"| {' | '.join(cells)} |")
    more, low, _ = gain(by_person(outcomes["ranker"].ndcg, viewers), by_person(base.ndcg, viewers), seed)
    print(f"\nndcg_gain {more:.1f} % >= {TARGET} % (lower bound {low:.1f})")


if __name__ == "__main__":
    main()
