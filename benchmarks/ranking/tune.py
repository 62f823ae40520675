"""Finds the weights: the first half of the people, one weight after the other, as long as that makes NDCG@20 better.

    python -m benchmarks.ranking.tune [--seed N]

Coordinate descent over a few values of each weight; it prints each improvement, and the weights at the end. They are
committed by hand as the defaults of `functions/feed/weights.py`.
"""

import argparse

import numpy as np

from benchmarks.ranking import rankers
from benchmarks.ranking.__main__ import LEARNING_DAYS, SEED, by_person
from benchmarks.ranking.community import Size, community
from benchmarks.ranking.sessions import live, opened
from functions.feed.weights import Weights

ROUNDS = 2
# `favourite` cannot be tuned: nobody here marks favourites.
VALUES: dict[str, tuple[float, ...]] = {
    "affinity": (1.0, 2.0, 3.0, 4.0, 6.0),
    "half_life_hours": (6.0, 9.0, 12.0, 18.0, 24.0),
    "seen": (2.0, 4.0, 6.0, 8.0),
    "velocity": (0.0, 0.1, 0.25, 0.5),
    "prior": (0.05, 0.1, 0.2, 0.3),
    "prior_encounters": (1.0, 2.0, 4.0),
    "memory_half_life_days": (7.0, 14.0, 28.0),
    "same_author": (0.1, 0.25, 0.5, 1.0),
    "same_type": (0.1, 0.25),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED)
    seed = parser.parse_args().seed
    size = Size()
    world = community(seed, size)
    tuned_on = list(range(size.people // 2))
    sessions = opened(seed, tuned_on, size.days)

    def quality(weights: Weights) -> float:
        outcome = live(world, sessions, rankers.production(weights), 24 * LEARNING_DAYS)
        return float(np.mean(by_person(outcome.ndcg)))

    best = Weights()
    reached = quality(best)
    print(f"{reached:.4f} at first", flush=True)
    for _ in range(ROUNDS):
        for name, values in VALUES.items():
            for value in values:
                tried = best.model_copy(update={name: value})
                if tried != best and (found := quality(tried)) > reached:
                    best, reached = tried, found
                    print(f"{reached:.4f} {name} = {value}", flush=True)
    print(best.model_dump_json(indent=2))


if __name__ == "__main__":
    main()
