"""When what is known of an author changes (see `AuthorChanged`), so does what is kept of all their posts."""

from functions.discovery import indexing, tagging
from functions.posts import service as posts

# Of each, the index and the rows of its labels are settled.
PAGE = 25


class Refused(Exception):
    """The index refused a document of an author: its consumer says why."""


def settle(user_id: str, after: str | None) -> str | None:
    """Make the index and the labels agree with a page of an author's posts, the newest first; where the next begins.

    A post that is published or gets its first label meanwhile has its own event. Raises Unavailable, Refused.
    """
    page = posts.published_by(user_id, after, PAGE)
    if indexing.settle(("posts", post_id) for post_id in page.items):
        raise Refused
    for post in posts.as_written(page.items).values():
        if labels := tagging.labels_of(post):
            tagging.settle(post.post_id, labels)
    return page.next
