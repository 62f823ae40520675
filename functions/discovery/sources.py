"""Where the candidates of explore come from: what is known of the viewer, and what follows from it.

Bounded: whoever asks, a first page begins with at most 35 read units for what is known of them, and one request to the
index, with a query for each source (`explore_queries`). Without the index, candidates come from DynamoDB: the
newest under trending hashtags, and of the authors whom the viewer's favourites follow.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice

from functions.discovery import explore_queries, interests, labels, search, store, tastes, trending
from functions.discovery.explore_queries import Place, Query, Scope
from functions.discovery.explore_weights import Weights
from functions.discovery.exploring import Candidate, Person
from functions.discovery.interests import Tastes
from functions.discovery.mappings import Kind
from functions.discovery.search import Hit
from functions.discovery.trending import Trend
from functions.feed import service as feed
from functions.feed.service import Acquaintance
from functions.graph import service as graph
from functions.posts import service as posts
from functions.posts.service import SeenPost
from heliograph import batches
from heliograph.errors import Unavailable

# Of whom the viewer follows, as many are left out by the index; all are by the rules.
FOLLOWEES = 200
# Of so many favourites it is read whom they follow: so many of each, and the authors most followed count.
FRIENDS, FOLLOWED_BY_EACH, CIRCLE = 6, 50, 40
TOPICS, LIKED, TRENDS = 12, 6, 10
# Without the index: hashtags, posts of each; posts of each author; and how many are looked up.
LABELS, OF_LABEL, OF_AUTHOR, LOOKED_UP = 4, 15, 3, 60


@dataclass(frozen=True)
class Known:
    """What is known of a viewer. `followees`: some of those whom they follow."""

    user_id: str
    tastes: Tastes
    acquaintance: Acquaintance
    followees: frozenset[str]
    person: Person
    topic_prior: float

    def is_new(self, candidate: Candidate) -> bool:
        """Whether a candidate is by a stranger, and the viewer has not seen it."""
        author_id = candidate.author_id
        if author_id == self.user_id or author_id in self.followees:
            return False
        return candidate.post_id not in self.tastes and not self.acquaintance.has_met(author_id, candidate.post_id)


def known(user_id: str, place: Place | None, now: datetime, weights: Weights) -> Known:
    with ThreadPoolExecutor(4) as pool:
        likes = pool.submit(tastes.find, user_id)
        met = pool.submit(feed.acquaintance, user_id, now)
        following = pool.submit(graph.followees, user_id, None, FOLLOWEES)
        trends = pool.submit(trending.snapshot, "hashtags", place and labels.region(place.lat, place.lon))
    followees = following.result().items
    acquaintance = met.result()
    return Known(
        user_id=user_id,
        tastes=likes.result(),
        acquaintance=acquaintance,
        followees=frozenset(followees),
        person=Person(
            topics=interests.topics(likes.result(), now, weights.memory),
            authors=acquaintance.affinities,
            author_prior=acquaintance.prior,
            circle=circle(user_id, followees, acquaintance),
            trends=leading(trends.result()),
        ),
        topic_prior=weights.prior,
    )


def leading(trends: Iterable[Trend]) -> dict[str, float]:
    """The hashtags that trend most, with their scores as shares of the highest."""
    best = interests.dearest({trend.label: trend.score for trend in trends}, 0.0, TRENDS)
    return {label: score / max(best.values()) for label, score in best.items()}


def circle(user_id: str, followees: Sequence[str], acquaintance: Acquaintance) -> dict[str, float]:
    """Whom those follow whom the viewer likes best, but not the viewer: how much, 0 to 1, the greatest first."""
    friends = favourites(followees, acquaintance)
    lists = batches.at_once(lambda friend: graph.followees(friend, None, FOLLOWED_BY_EACH).items, list(friends))
    return befriended(dict(zip(friends.items(), lists, strict=True)), leave_out={user_id, *followees})


def favourites(followees: Iterable[str], acquaintance: Acquaintance) -> dict[str, float]:
    """The dearest of those whom somebody follows, with the affinity to each."""
    affinities = {one: acquaintance.affinities.get(one, acquaintance.prior) for one in followees}
    return interests.dearest(affinities, 0.0, FRIENDS)


def befriended(followed: Mapping[tuple[str, float], Iterable[str]], leave_out: Collection[str]) -> dict[str, float]:
    """How much authors are followed by friends, who count by affinity. `followed`: by friend and affinity, whom."""
    strengths = defaultdict[str, float](float)
    total = sum(affinity for _, affinity in followed)
    for (_, affinity), author_ids in followed.items():
        for author_id in author_ids:
            strengths[author_id] += affinity / total
    strangers = {author_id: share for author_id, share in strengths.items() if author_id not in leave_out}
    return interests.dearest(strangers, 0.0, CIRCLE)


def candidates(viewer: Known, place: Place | None, now: datetime) -> tuple[list[Candidate], bool]:
    """Posts that may be shown, each once with all its sources; and whether the index was down."""
    asked = asking(viewer, place, now)
    searches: list[tuple[Kind, Query]] = [("posts", query) for query in asked.values()]
    try:
        found = dict(zip(asked, search.run(*searches), strict=True))
    except Unavailable:
        return [one for one in _without_index(viewer) if viewer.is_new(one)], True
    return [one for one in merged(found) if viewer.is_new(one)], False


def asking(viewer: Known, place: Place | None, now: datetime) -> dict[str, Query]:
    """What the index is asked, by source; a source that the viewer gives no reason for is left out."""
    scope = Scope(now, sorted({viewer.user_id, *viewer.followees}), sorted(viewer.tastes))
    person = viewer.person
    liked_topics = interests.dearest(person.topics, viewer.topic_prior, TOPICS)
    liked_posts = [met.topics for met in interests.lately_liked(viewer.tastes, LIKED)]
    asked = {"popular": explore_queries.popular(scope), "fresh": explore_queries.fresh(scope)}
    if person.trends:
        asked["trending"] = explore_queries.trending(scope, person.trends)
    if liked_topics:
        asked["topics"] = explore_queries.topics(scope, liked_topics)
    if liked_posts:
        asked["similar"] = explore_queries.similar(scope, liked_posts)
    if person.circle:
        asked["circle"] = explore_queries.by_authors(scope, person.circle)
    if place:
        asked["nearby"] = explore_queries.nearby(scope, place)
    return asked


def merged(found: Mapping[str, Sequence[Hit]]) -> list[Candidate]:
    """Hits of each source as candidates, each once."""
    sources: dict[str, set[str]] = {}
    hits: dict[str, Hit] = {}
    for source, of_source in found.items():
        for hit in of_source:
            sources.setdefault(hit.id, set()).add(source)
            hits[hit.id] = hit
    return [_of_hit(hit, frozenset(sources[post_id])) for post_id, hit in hits.items()]


def _of_hit(hit: Hit, sources: frozenset[str]) -> Candidate:
    source = hit.source
    return Candidate(
        post_id=hit.id,
        author_id=source["authorId"],
        topics=tuple(source["hashtags"]),
        likes=source["likeCount"],
        comments=source["commentCount"],
        author_followers=source["authorFollowers"],
        sources=sources,
    )


def _without_index(viewer: Known) -> list[Candidate]:
    labels = list(islice(viewer.person.trends, LABELS))
    under = partial(store.newest, before=None, limit=OF_LABEL)
    tagged = {post_id for found in batches.at_once(under, labels) for post_id in found}
    by_circle = {post_id for newest in feed.newest_of(viewer.person.circle).values() for post_id in newest[:OF_AUTHOR]}
    newest = sorted(tagged | by_circle, reverse=True)[:LOOKED_UP]
    return [
        _of_post(item, frozenset({"trending"} if item.post.post_id in tagged else {"circle"}))
        for item in posts.visible(posts.seen(viewer.user_id, newest))
    ]


def _of_post(item: SeenPost, sources: frozenset[str]) -> Candidate:
    return Candidate(
        post_id=item.post.post_id,
        author_id=item.post.user_id,
        topics=item.post.hashtags,
        likes=item.post.like_count,
        comments=item.post.comment_count,
        author_followers=item.author.follower_count,
        sources=sources,
    )
