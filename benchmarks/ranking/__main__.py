"""How good the ranked feed is, in a simulated community: NDCG@20 and watch time against other rankers.

    python -m benchmarks.ranking [--seed N]

The committed weights were tuned (`benchmarks.ranking.tune`) on the first half of the people; here the second half is
asked. Each session's NDCG is averaged by person, and intervals are the 95 % of a bootstrap over people.

What it cannot say: whether people are like these. Their tastes do not change, they like what they like for the reasons
that `community` gives them (friends, topics, quality, news), and nobody stays away from a feed that bores them. A seen
post is hardly wanted again, by assumption; "recency, unseen first" shows how much of the gain is that alone. Followers,
likes and comments of posts come from a model of fame and quality, not from the simulated people. Favourites, profile
visits and messages do not occur. Both halves share authors and posts: held out are people, not the world.
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
BASE, OURS = "recency only", "ranker"


def compared() -> dict[str, Ranker]:
    """All rankers, what they are compared with first; production's also without each of its signals."""
    standard = Weights()

    def without(**changes: float) -> Ranker:
        return rankers.production(standard.model_copy(update=changes))

    return {
        BASE: rankers.recency,
        OURS: rankers.production(standard),
        "oracle": rankers.oracle,
        "popularity only": rankers.popularity,
        "recency, unseen first": rankers.unseen_first,
        "without affinity": without(affinity=0.0),
        "without seen": without(seen=0.0),
        "without velocity": without(velocity=0.0),
        "without diversity": without(same_author=0.0, same_type=0.0),
    }


def by_person(sessions: dict[int, list[float]]) -> np.ndarray:
    """Each person's mean. Who is counted does not depend on the ranker."""
    return np.array([np.mean(sessions[viewer]) for viewer in sorted(sessions)])


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
    sessions = opened(seed, range(size.people // 2, size.people), size.days)
    outcomes: dict[str, Outcome] = {}
    for name, ranker in compared().items():
        outcomes[name] = live(world, sessions, ranker, 24 * LEARNING_DAYS)
        if name == BASE:
            counted = outcomes[BASE].ndcg
            print(f"{len(counted)} people, {sum(map(len, counted.values()))} sessions, seed {seed}\n")
            print("| ranker | NDCG@20 | over recency only, % (95 %) | watch time, s | over recency only, % (95 %) |")
            print("|---|---|---|---|---|")
        print(_row(name, outcomes[name], outcomes[BASE], seed), flush=True)
    more, low, _ = gain(by_person(outcomes[OURS].ndcg), by_person(outcomes[BASE].ndcg), seed)
    print(f"\nThe interval of the gain begins at {low:.1f} %.")
    print(f"ndcg_gain {more:.1f} % >= {TARGET} %")


def _row(name: str, ours: Outcome, base: Outcome, seed: int) -> str:
    cells = [name]
    for values, others, digits in ((ours.ndcg, base.ndcg, 3), (ours.seconds, base.seconds, 1)):
        more, low, high = gain(by_person(values), by_person(others), seed)
        cells += [f"{by_person(values).mean():.{digits}f}", f"{more:+.1f} ({low:+.1f} to {high:+.1f})"]
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
