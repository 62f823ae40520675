"""Posts like another: perceptual neighbours of its picture, and posts about the same. See `likeness`."""

from functions.discovery import likeness, likeness_queries, remainder, search, store
from functions.discovery.likeness import Traits
from functions.discovery.likeness_queries import Query
from functions.discovery.mappings import Kind
from functions.discovery.remainder import Ordered, Remainder
from functions.graph import service as graph
from functions.media import service as media
from functions.posts import service as posts
from functions.posts.service import Post
from heliograph import clock
from heliograph.errors import Unavailable

# Without the index: as many of the post's hashtags, and of the newest posts with each.
HASHTAGS, NEWEST = 4, 12


def to(viewer_id: str, post_id: str) -> Remainder:
    """The posts that are like one which the viewer may see. Raises NotFound."""
    post = posts.see(viewer_id, post_id).post
    return Remainder(lambda: _ordered(viewer_id, post))


def _ordered(viewer_id: str, post: Post) -> Ordered:
    one = likeness.of_post(post, _look(post))
    try:
        rarities, others = _found(viewer_id, one)
        degraded = False
    except Unavailable:
        rarities, others, degraded = dict.fromkeys(one.hashtags, 1.0), _newest(viewer_id, one), True
    chosen = likeness.best(one, others, rarities, clock.now(), remainder.MOST)
    return Ordered([other.post_id for other in chosen], degraded)


def _found(viewer_id: str, one: Traits) -> tuple[dict[str, float], list[Traits]]:
    """The rarity of each hashtag of the post, and all posts that may be like it. Raises Unavailable."""
    without = graph.blocks_with(viewer_id)
    rarities = _rarities(one)
    searches: list[tuple[Kind, Query]] = [("posts", likeness_queries.speaking_like(one, rarities, without))]
    if one.look:
        searches.append(("posts", likeness_queries.looking_like(one, one.look, without)))
    answers = search.run(*searches)
    return rarities, [likeness.of_document(hit.id, hit.source) for hits in answers for hit in hits]


def _rarities(one: Traits) -> dict[str, float]:
    if not one.hashtags:
        return {}
    [hits] = search.run(("hashtags", likeness_queries.counts(one.hashtags)))
    counts = {hit.id: hit.source["postCount"] for hit in hits}
    return {hashtag: likeness.rarity(counts.get(hashtag, 0)) for hashtag in one.hashtags}


def _newest(viewer_id: str, one: Traits) -> list[Traits]:
    """The newest posts with the post's hashtags, as far as the viewer may see them, from DynamoDB."""
    tagged = {post_id for hashtag in one.hashtags[:HASHTAGS] for post_id in store.newest(hashtag, None, NEWEST)}
    found = [item.post for item in posts.visible(posts.seen(viewer_id, tagged))]
    looks = media.looks(medium for post in found for medium in post.media_ids[:1])
    return [likeness.of_post(post, looks.get(post.media_ids[0])) for post in found if post.media_ids]


def _look(post: Post) -> str | None:
    return media.looks(post.media_ids[:1]).get(post.media_ids[0]) if post.media_ids else None
