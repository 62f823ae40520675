"""Finds the weights: the first half of the people, one weight after the other, as long as that makes hits more.

    python -m benchmarks.explore.tune [--seed N]

What is made more is the share of hits on regulars' pages plus that on beginners'. Coordinate descent over a few values
of each weight; it prints the best way of popularity alone, each improvement, and the weights at the end. They are
committed by hand as the defaults of `functions/discovery/explore_weights.py`.
"""

import argparse

from benchmarks.explore import rankers
from benchmarks.explore.__main__ import LEARNING_DAYS, SEED, by_person
from benchmarks.explore.community import Size, community
from benchmarks.explore.sessions import Ranker, first_visits, live, opened
from functions.discovery.explore_weights import Weights

ROUNDS = 1
# Of the first half, so many: it takes ten minutes.
PEOPLE = 40
POPULARITIES = ((1, None), (3, None), (7, None), (7, 24), (7, 12), (7, 6), (7, 3), (7, 2))
VALUES: dict[str, tuple[float, ...]] = {
    "topic": (3.0, 4.0, 6.0, 8.0),
    "quality": (0.25, 0.5, 1.0, 1.5),
    "half_life_hours": (24.0, 48.0, 72.0, 96.0),
    "author": (0.5, 1.0, 2.0, 3.0),
    "trend": (0.0, 0.5, 1.0, 1.5),
    "circle": (0.0, 0.5, 1.0, 2.0),
    "prior": (0.1, 0.15, 0.2, 0.3),
    "prior_posts": (1.0, 2.0, 4.0),
    "memory_half_life_days": (14.0, 28.0, 56.0),
    "same_author": (0.25, 0.5, 1.0),
    "same_topic": (0.05, 0.1, 0.2),
    "same_source": (0.05, 0.1),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED)
    seed = parser.parse_args().seed
    size = Size()
    world = community(seed, size)
    people = range(PEOPLE)
    sessions = opened(seed, people, size.days)
    visits = opened(seed + 1, people, size.days)[:: max(1, len(sessions) // (3 * len(people)))]

    def hits(ranker: Ranker) -> tuple[float, float]:
        """Of regulars, and of beginners."""
        regulars = by_person(live(world, sessions, ranker, 24 * LEARNING_DAYS))
        return float(regulars.mean()), float(by_person(first_visits(world, visits, ranker)).mean())

    def quality(ranker: Ranker) -> float:
        return sum(hits(ranker))

    for days, half_life in POPULARITIES:
        regulars, beginners = hits(rankers.popularity(world, days=days, half_life_hours=half_life))
        print(f"{regulars:.4f} {beginners:.4f} popularity of {days} days, half-life {half_life}", flush=True)
    best = Weights()
    reached = quality(rankers.production(world, best))
    print(f"{reached:.4f} at first", flush=True)
    for _ in range(ROUNDS):
        for name, values in VALUES.items():
            for value in values:
                tried = best.model_copy(update={name: value})
                if tried != best and (found := quality(rankers.production(world, tried))) > reached:
                    best, reached = tried, found
                    print(f"{reached:.4f} {name} = {value}", flush=True)
    print(best.model_dump_json(indent=2))


if __name__ == "__main__":
    main()
