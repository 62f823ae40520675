"""What the platform should say when all is quiet, recomputed from what people have done."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from local.client import Client

# The newest pages of a feed are compared, as far as a client goes through them.
DEPTH = 500


@dataclass
class Deeds:
    """Of one person. `posts`: when each was begun; `follows`: who is followed, and since when (monotonic seconds).

    `likes` and `comments`: on which posts.
    """

    posts: dict[str, float] = field(default_factory=dict[str, float])
    follows: dict[str, float] = field(default_factory=dict[str, float])
    likes: set[str] = field(default_factory=set[str])
    comments: list[str] = field(default_factory=list[str])


def complaints(people: Sequence[tuple[Client, Deeds]]) -> Iterator[str]:
    """Where an answer differs from what people have done. None: every event has had its effect."""
    published = {post_id: began for _, deeds in people for post_id, began in deeds.posts.items()}
    authors = {post_id: client.user_id for client, deeds in people for post_id in deeds.posts}
    likes = Counter(post_id for _, deeds in people for post_id in deeds.likes)
    comments = Counter(post_id for _, deeds in people for post_id in deeds.comments)
    followers = Counter(user_id for _, deeds in people for user_id in deeds.follows)
    reader = people[0][0]
    for post_id in published:
        post = reader.get(f"/posts/{post_id}")
        expected = likes[post_id], comments[post_id]
        if (post["likeCount"], post["commentCount"]) != expected:
            yield f"post {post_id}: {post['likeCount']} likes, {post['commentCount']} comments, not {expected}"
    for client, deeds in people:
        me = client.get("/users/me")
        counts = me["followerCount"], me["followingCount"], me["postCount"]
        expected = followers[client.user_id], len(deeds.follows), len(deeds.posts)
        if counts != expected:
            yield f"account {client.user_id}: followers, following, posts are {counts}, not {expected}"
        yield from _of_feed(client, deeds, published, authors)


def _of_feed(client: Client, deeds: Deeds, published: dict[str, float], authors: dict[str, str]) -> Iterator[str]:
    """Everything that was published since its author was followed, once, and nothing of others."""
    shown = [post["postId"] for post in client.items("/feed", order="latest")][:DEPTH]
    must = {
        post_id
        for post_id, began in published.items()
        if (since := deeds.follows.get(authors[post_id])) is not None and since < began
    }
    may = {post_id for post_id, author in authors.items() if author in deeds.follows or author == client.user_id}
    if missing := must - {*shown}:
        yield f"feed of {client.user_id}: lacks {sorted(missing)}"
    if strange := {*shown} - may:
        yield f"feed of {client.user_id}: shows {sorted(strange)}"
    if shown != sorted(set(shown), reverse=True):
        yield f"feed of {client.user_id}: is out of order, or repeats itself"
