"""How good explore is, in a simulated community: the share of hits on a page of 20, against popularity alone.

    python -m benchmarks.explore [--seed N]

A hit is a post of a stranger that the viewer meets for the first time and would like. Candidates, what is learnt, the
order: all production's own; only the index and the tables are simulated. Popularity is the best of eight ways to show
the most engaged posts of late (a window of one, three or seven days, or an age penalty), chosen like the weights
(`benchmarks.explore.tune`) on people of the first half, for regulars and for beginners; here the second half is asked.
The same people, days and luck in all rows; each person's pages are averaged, and intervals are the 95 % of a bootstrap
over people. Beginners are the same people as if they had just come: they follow nobody, and nothing is known of them.

What it cannot say: whether people are like these. Their tastes do not change, they like what they like for the reasons
that `community` gives them (topic, author, quality, news, what everybody talks about), hashtags tell a topic as well as
is assumed there, and nobody stays away from an explore that bores them. Likes and comments of posts come from a model
of fame and quality, not from the simulated people, so popularity does not feed itself. Places do not occur. Both halves
share authors and posts: held out are people, not the world.
"""

import argparse

import numpy as np

from benchmarks.explore import rankers
from benchmarks.explore.community import Community, Size, community
from benchmarks.explore.sessions import Outcome, Ranker, first_visits, live, opened
from functions.discovery.explore_weights import Weights

SEED = 7
TARGET, BEGINNERS_TARGET = 1.5, 1.0
RESAMPLED = 2000
LEARNING_DAYS = 8
BASE, OURS = "popularity only", "explore"
SOURCES = ("popular", "trending", "topics", "similar", "circle", "fresh")
# In hours: what `tune` has found to be the best way of popularity, for regulars and for beginners.
POPULAR_HALF_LIFE = 3


def compared(world: Community) -> dict[str, Ranker]:
    """All rankers, what they are compared with first; production's also without each of its signals and sources."""
    standard = Weights()

    def without(**changes: float) -> Ranker:
        return rankers.production(world, standard.model_copy(update=changes))

    return {
        BASE: rankers.popularity(world, days=7, half_life_hours=POPULAR_HALF_LIFE),
        OURS: rankers.production(world, standard),
        "oracle": rankers.oracle(world),
        "popularity, 6 h": rankers.popularity(world, days=7, half_life_hours=6),
        "popularity of a day": rankers.popularity(world, days=1),
        "without topic affinity": without(topic=0.0),
        "without author affinity": without(author=0.0),
        "without circle": without(circle=0.0),
        "without quality": without(quality=0.0),
        "without trend": without(trend=0.0),
        "without diversity": without(same_author=0.0, same_topic=0.0, same_source=0.0),
        "without exploration": without(uncertain_every=1000),
        **{f"without source {source}": rankers.production(world, standard, {source}) for source in SOURCES},
    }


def by_person(outcome: Outcome) -> np.ndarray:
    """Each person's mean. Who is counted does not depend on the ranker."""
    return np.array([np.mean(outcome.hits[viewer]) for viewer in sorted(outcome.hits)])


def ratio(ours: np.ndarray, theirs: np.ndarray, seed: int) -> tuple[float, float, float]:
    """How many times the mean of `theirs` that of `ours` is, and the interval; the same people in both."""
    drawn = np.random.default_rng(seed).integers(len(ours), size=(RESAMPLED, len(ours)))
    low, high = np.percentile(ours[drawn].mean(1) / theirs[drawn].mean(1), [2.5, 97.5])
    return float(ours.mean() / theirs.mean()), float(low), float(high)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED)
    seed = parser.parse_args().seed
    size = Size()
    world = community(seed, size)
    people = range(size.people // 2, size.people)
    sessions = opened(seed, people, size.days)
    # Each person comes for the first time, thrice.
    visits = opened(seed + 1, people, size.days)[:: max(1, len(sessions) // (3 * len(people)))]
    regulars: dict[str, np.ndarray] = {}
    beginners: dict[str, np.ndarray] = {}
    print("| ranker | hits, % | times popularity only (95 %) | beginners' hits, % | times popularity only (95 %) |")
    print("|---|---|---|---|---|")
    for name, ranker in compared(world).items():
        regulars[name] = by_person(live(world, sessions, ranker, 24 * LEARNING_DAYS))
        beginners[name] = by_person(first_visits(world, visits, ranker))
        cells = [name]
        for outcomes in (regulars, beginners):
            times, low, high = ratio(outcomes[name], outcomes[BASE], seed)
            cells += [f"{100 * outcomes[name].mean():.1f}", f"{times:.2f} ({low:.2f} to {high:.2f})"]
        print(f"| {' | '.join(cells)} |", flush=True)
    times, low, _ = ratio(regulars[OURS], regulars[BASE], seed)
    first, first_low, _ = ratio(beginners[OURS], beginners[BASE], seed)
    print(
        f"\n{len(regulars[BASE])} people, {len(beginners[BASE])} as beginners, {len(world.author)} posts, seed {seed}."
    )
    print(f"The intervals begin at {low:.2f} and {first_low:.2f}.")
    print(f"beginners_hit_ratio {first:.2f} x >= {BEGINNERS_TARGET}")
    print(f"explore_hit_ratio {times:.2f} x >= {TARGET}")


if __name__ == "__main__":
    main()
