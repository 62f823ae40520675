"""Fan-out on write: a post is pushed into the feeds of its author's followers, and out of them when it is deleted."""

from functions.feed import fanout, queue, store
from functions.feed.fanout import Action, Page
from functions.graph import service as graph
from functions.posts import service as posts


def fan_out(post_id: str, author_id: str, action: Action) -> None:
    """Start to push or forget a post: in its author's own feed at once, in the followers' feeds page by page."""
    if _write(action, post_id, [author_id]):
        shards = graph.FOLLOWER_SHARDS
        queue.send(fanout.first_pages(action, post_id=post_id, author_id=author_id, shards=shards))


def fan_out_page(page: Page) -> None:
    """Push or forget a post for one page of followers, and pass on to the next page."""
    followers = graph.follower_page(page.author_id, page.shard, page.after, fanout.PAGE_SIZE)
    if followers.items and _write(page.action, page.post_id, followers.items) and followers.next:
        queue.send([fanout.next_page(page, followers.next)])


def _write(action: Action, post_id: str, owners: list[str]) -> bool:
    """Whether there is reason to go on: a push ends where its post is gone.

    A post may be deleted while it is being pushed, and its deletion may overtake the push. So a push looks again after
    writing: a deletion it does not see by then starts its own pages later than these writes.
    """
    if action == "push":
        post = posts.published(post_id)
        if post is None:
            return False
        store.put(fanout.entries(post, owners))
        if posts.published(post_id):
            return True
    store.remove(post_id, owners)
    return action == "forget"
