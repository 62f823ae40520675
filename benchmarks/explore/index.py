"""The simulated world as an index: answers the very queries that production sends, with the same scores and limits."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np

from benchmarks.explore.community import BEGIN, Community, Flags, Floats, Ints, counts, number_of, post_id, time_of
from functions.discovery.search import Hit
from heliograph import clock, popularity

Query = dict[str, Any]
# Which posts fit, and how well.
Fit = tuple[Flags, Floats]


class Index:
    """All that is posted until `hour`, with the likes it has by then."""

    def __init__(self, world: Community, hour: float) -> None:
        self._world = world
        self._count = int(np.searchsorted(world.made_at, hour))
        # Queries look back a week at most.
        self._first = int(np.searchsorted(world.made_at, hour - 24 * 8))
        self._posts = np.arange(self._first, self._count)
        # As coarse as the index has them.
        self._likes, self._comments = map(np.vectorize(popularity.step, otypes=[int]), counts(world, self._posts, hour))
        self._tags = {tag: number for number, tag in enumerate(world.tags)}

    def search(self, body: Query) -> list[Hit]:
        fits, scores = self._fit(body["query"])
        found = np.flatnonzero(fits)
        by_score = body["sort"][0] == {"_score": "desc"}
        newest_first = -found
        order = np.lexsort((newest_first, -scores[found])) if by_score else np.argsort(newest_first)
        return [self._hit(int(place)) for place in found[order[: body["size"]]]]

    def _fit(self, query: Query) -> Fit:
        [(kind, body)] = query.items()
        match kind:
            case "bool":
                return self._bool(body)
            case "term":
                return self._terms({name: [value] for name, value in body.items()})
            case "terms":
                return self._terms(body)
            case "range":
                return self._range(body)
            case "constant_score":
                return self._constant(body)
            case "function_score":
                return self._function(body)
            case _:
                raise ValueError(f"explore asks for no {kind}")

    def _bool(self, body: Any) -> Fit:
        fits = np.ones(len(self._posts), dtype=bool)
        scores = np.zeros(len(self._posts))
        for query in body.get("filter", []):
            fits &= self._fit(query)[0]
        for query in body.get("must_not", []):
            fits &= ~self._fit(query)[0]
        optional = [self._fit(query) for query in body.get("should", [])]
        matched = np.zeros(len(self._posts), dtype=np.int64)
        for fit, score in optional:
            matched += fit
            scores += np.where(fit, score, 0.0)
        return fits & (matched >= body.get("minimum_should_match", 0)), scores

    def _terms(self, body: Any) -> Fit:
        [(field, values)] = body.items()
        return self._carrying(field, values), np.ones(len(self._posts))

    def _carrying(self, field: str, values: list[str]) -> Flags:
        world = self._world
        if field == "hashtags":
            wanted = [self._tags[tag] for tag in values]
            return np.any(world.tagged[self._first : self._count, wanted], axis=1)
        if field == "authorId":
            return _among(world.author[self._posts], [int(value) for value in values], len(world.since))
        return _among(self._posts, [number_of(value) for value in values], len(world.author))

    def _range(self, body: Any) -> Fit:
        [(field, bounds)] = body.items()
        [(operator, bound)] = bounds.items()
        world, authors = self._world, self._world.author[self._posts]
        if field == "createdAt":
            fits = world.made_at[self._posts] >= _hours(clock.parse(bound))
        elif field == "authorSince":
            fits = world.since[authors] >= _hours(clock.parse(bound))
        else:
            fits = world.followers[authors] < bound
        assert operator == ("lt" if field == "authorFollowers" else "gte")
        return fits, np.ones(len(self._posts))

    def _constant(self, body: Any) -> Fit:
        fits, _ = self._fit(body["filter"])
        return fits, np.full(len(self._posts), float(body["boost"]))

    def _function(self, body: Any) -> Fit:
        fits, scores = self._fit(body["query"])
        return fits, scores + np.log(2 + self._likes)

    def _hit(self, place: int) -> Hit:
        post = int(self._posts[place])
        author = int(self._world.author[post])
        source = {
            "authorId": str(author),
            "hashtags": list(self._world.tags_of[post]),
            "likeCount": int(self._likes[place]),
            "commentCount": int(self._comments[place]),
            "authorFollowers": popularity.magnitude(int(self._world.followers[author])),
            "authorSince": clock.iso(time_of(self._world.since[author])),
        }
        return Hit(post_id(self._world, post), source)


def _among(numbers: Ints, wanted: list[int], size: int) -> Flags:
    table = np.zeros(size, dtype=bool)
    table[wanted] = True
    return table[numbers]


def _hours(time: datetime) -> float:
    return (time - BEGIN) / timedelta(hours=1)
