"""How well people find what they look for: this product's searches and a naive one, on each engine.

    python -m benchmarks.relevance [--engines osmem opensearch]

The queries, and what people would want of each, are in tests/engines/judgements. Naive is what one writes first: one
`match` (or `multi_match`) of what was typed, on the same texts under the standard analyser, ranked by BM25.

MRR is the mean of 1 / the rank of the first answer of grade 3, 0 where none is among the first ten (E. Voorhees, "The
TREC-8 Question Answering Track Report", 1999). NDCG@10 has gains 2^grade - 1 and discounts log2(1 + rank) (K. Järvelin
and J. Kekäläinen, "Cumulated gain-based evaluation of IR techniques", 2002, with the gains of C. Burges et al.,
"Learning to rank using gradient descent", 2005).
"""

import argparse
import os
import tempfile
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from math import log2
from pathlib import Path
from statistics import mean
from typing import Any

# Of the tests that use this, their own settings stay.
os.environ |= {
    "AWS_REGION": "us-east-1",
    "NAMESPACE": "relevance",
    "POWERTOOLS_SERVICE_NAME": "relevance",
    "POWERTOOLS_METRICS_NAMESPACE": "Heliograph",
    **os.environ,
}

from rich.console import Console
from rich.table import Table

from functions.discovery import documents, engine, index, queries, search
from functions.discovery.index import Write
from functions.discovery.mappings import Kind
from functions.discovery.queries import Asked, Circle
from functions.posts import service as posts
from functions.posts import text
from heliograph import config
from heliograph.events import Place
from tests.engines.engines import COMMANDS, Engine, refresh, running, used
from tests.engines.judgements import world
from tests.engines.judgements.wanted import JUDGEMENTS, Answer, Judgement
from tests.unit.feed.samples import NOON, post, post_id, profile

FIRST = 10
LOOKED_FOR = 3
MRR_TARGET = 0.85
TIMES_NAIVE_TARGET = 1.3
CORPUS = "judged"

Ranking = list[Answer]
# What is judged, as an index of one's own would hold it: fields under the standard analyser, by kind.
NAIVE: dict[Kind, list[str]] = {
    "users": ["username", "fullName"],
    "posts": ["caption", "place", "hashtags"],
    "hashtags": ["hashtag"],
    "places": ["name"],
}


def fill() -> None:
    """Write the judged world into the engine in use: as the product does, and as the naive search would have it."""
    writes: list[Write] = []
    lines: list[dict[str, Any]] = []

    def put(kind: Kind, document_id: str, document: dict[str, Any], plain: dict[str, str]) -> None:
        """`plain` goes to an index that guesses its mappings: texts under the standard analyser."""
        writes.append(Write(kind, document_id, 1, document))
        lines.extend([{"index": {"_index": config.named(f"naive-{kind}"), "_id": document_id}}, plain])

    people = {
        username: profile(username, username=username, full_name=name, follower_count=followers, is_verified=verified)
        for username, name, followers, verified in world.everybody()
    }
    for username, person in people.items():
        put("users", username, documents.user(person), {"username": username, "fullName": person.full_name})
    for number, (author, caption, place, age, likes, comments) in enumerate(world.everything(), 1):
        tags = text.hashtags(caption)
        shown = post(
            post_id(number),
            people[author].user_id,
            caption=caption,
            hashtags=tags,
            location=posts.Location(place, 0.0, 0.0) if place else None,
            created_at=NOON - timedelta(days=age),
            like_count=likes,
            comment_count=comments,
        )
        plain = {"caption": caption, "place": place or "", "hashtags": " ".join(tags)}
        put("posts", shown.post_id, documents.post(shown, people[author]), plain)
    for tag, count in world.HASHTAGS.items():
        put("hashtags", tag, documents.hashtag(tag, count), {"hashtag": tag})
    for name, lat, lon, count in world.PLACES:
        put("places", name, documents.place(name, Place(name=name, lat=lat, lon=lon), count), {"name": name})
    if index.send(writes) or engine.call(lambda client: client.bulk(body=lines))["errors"]:
        raise RuntimeError("the engine refused a document")
    refresh()


def ours(judged: Judgement) -> queries.Query:
    return queries.BY_KIND[judged.kind](Asked(judged.query, NOON, Circle(followed=judged.follows)))


def naive(judged: Judgement) -> queries.Query:
    fields = NAIVE[judged.kind]
    if len(fields) == 1:
        return {"query": {"match": {fields[0]: judged.query}}, "_source": False}
    return {"query": {"multi_match": {"query": judged.query, "fields": fields}}, "_source": False}


def rankings(body_of: Callable[[Judgement], queries.Query], prefix: str = "") -> list[Ranking]:
    """The first ten answers to each judged query, of the engine in use."""
    found: list[Ranking] = []
    for judged in JUDGEMENTS:
        kind: Any = f"{prefix}{judged.kind}"
        [hits] = search.run((kind, {**body_of(judged), "size": FIRST}))
        found.append([int(hit.id[-12:]) if judged.kind == "posts" else hit.id for hit in hits])
    return found


def reciprocal_rank(wanted: Mapping[Answer, int], ranking: Ranking) -> float:
    ranks = (rank for rank, answer in enumerate(ranking[:FIRST], 1) if wanted.get(answer) == LOOKED_FOR)
    return 1 / next(ranks, float("inf"))


def ndcg(wanted: Mapping[Answer, int], ranking: Ranking) -> float:
    ideal = _gain(sorted(wanted.values(), reverse=True))
    return _gain([wanted.get(answer, 0) for answer in ranking]) / ideal


def mrr_of(found: Sequence[Ranking]) -> float:
    return mean(reciprocal_rank(judged.wanted, ranking) for judged, ranking in zip(JUDGEMENTS, found, strict=True))


def _gain(grades: Sequence[int]) -> float:
    return sum((2**grade - 1) / log2(1 + rank) for rank, grade in enumerate(grades[:FIRST], 1))


def _measured(engine: Engine) -> dict[str, list[Ranking]]:
    with used(engine, CORPUS):
        fill()
        return {"ours": rankings(ours), "naive": rankings(naive, "naive-")}


def _table(engine: str, found: Mapping[str, Sequence[Ranking]]) -> Table:
    table = Table(title=f"{engine}: {len(JUDGEMENTS)} queries", title_justify="left")
    table.add_column("category")
    for heading in ("queries", "MRR", "NDCG@10", "naive MRR", "naive NDCG@10"):
        table.add_column(heading, justify="right")
    numbers: dict[str, list[int]] = defaultdict(list)
    for number, judged in enumerate(JUDGEMENTS):
        numbers[judged.category].append(number)
    for category, chosen in {**numbers, "all": list(range(len(JUDGEMENTS)))}.items():
        figures = [
            mean(measure(JUDGEMENTS[number].wanted, found[search_name][number]) for number in chosen)
            for search_name in ("ours", "naive")
            for measure in (reciprocal_rank, ndcg)
        ]
        table.add_row(category, str(len(chosen)), *(f"{figure:.3f}" for figure in figures))
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engines", nargs="+", choices=list(COMMANDS), default=list(COMMANDS))
    parser.add_argument("--misses", action="store_true", help="tell which queries have not their answer first")
    arguments = parser.parse_args()
    console, lines = Console(width=120), list[str]()
    for name in arguments.engines:
        with tempfile.TemporaryDirectory() as directory, running(name, Path(directory)) as engine:
            found = _measured(engine)
        console.print(_table(name, found))
        if arguments.misses:
            for judged, ranking in zip(JUDGEMENTS, found["ours"], strict=True):
                if reciprocal_rank(judged.wanted, ranking) < 1:
                    console.print(judged.category, repr(judged.query), judged.wanted, ranking)
        mrr, times = mrr_of(found["ours"]), mrr_of(found["ours"]) / mrr_of(found["naive"])
        gained = mean(ndcg(judged.wanted, ranking) for judged, ranking in zip(JUDGEMENTS, found["ours"], strict=True))
        lines += [
            f"search_ndcg10_{name} {gained:.3f} ratio -",
            f"search_mrr_{name} {mrr:.3f} ratio {MRR_TARGET}",
            f"search_mrr_times_naive_{name} {times:.2f} times {TIMES_NAIVE_TARGET}",
        ]
    print("\n".join(lines))


if __name__ == "__main__":
    main()
