"""What the platform should say when all is quiet, recomputed from what people have done."""

from collections import Counter
from collections.abc import Iterator, Sequence

from benchmarks.load.people import Person

# The newest pages of a feed are compared, as far as a client goes through them.
DEPTH = 500


def complaints(people: Sequence[Person]) -> Iterator[str]:
    """Where an answer differs from what people have done. None: every event has had its effect."""
    published = {post_id: began for person in people for post_id, began in person.published.items()}
    authors = {post_id: person.user_id for person in people for post_id in person.published}
    likes = Counter(post_id for person in people for post_id in person.likes)
    comments = Counter(post_id for person in people for post_id in person.comments)
    followers = Counter(user_id for person in people for user_id in person.follows)
    reader = people[0].client
    for post_id in published:
        post = reader.get(f"/posts/{post_id}")
        expected = likes[post_id], comments[post_id]
        if (post["likeCount"], post["commentCount"]) != expected:
            yield f"post {post_id}: {post['likeCount']} likes, {post['commentCount']} comments, not {expected}"
    for person in people:
        me = person.client.get("/users/me")
        counts = me["followerCount"], me["followingCount"], me["postCount"]
        expected = followers[person.user_id], len(person.follows), len(person.published)
        if counts != expected:
            yield f"account {person.user_id}: followers, following, posts are {counts}, not {expected}"
        yield from _of_feed(person, published, authors)


def _of_feed(person: Person, published: dict[str, float], authors: dict[str, str]) -> Iterator[str]:
    """Everything that was published since its author was followed, once, and nothing of others."""
    shown = [post["postId"] for post in person.client.items("/feed", order="latest")][:DEPTH]
    must = {
        post_id
        for post_id, began in published.items()
        if (since := person.follows.get(authors[post_id])) is not None and since < began
    }
    may = {post_id for post_id, author in authors.items() if author in person.follows or author == person.user_id}
    if missing := must - {*shown}:
        yield f"feed of {person.user_id}: lacks {sorted(missing)}"
    if strange := {*shown} - may:
        yield f"feed of {person.user_id}: shows {sorted(strange)}"
    if shown != sorted(set(shown), reverse=True):
        yield f"feed of {person.user_id}: is out of order, or repeats itself"
