"""Fan-out on write: a post is pushed into the feeds of its author's followers, and out of them when it is deleted.

Who begins to follow gets the author's newest posts; who ceases to, loses them all.
"""

from itertools import chain

from functions.feed import fanout, queue, store
from functions.feed.fanout import Action, Page
from functions.graph import service as graph
from functions.posts import service as posts
from heliograph import clock, ids


def fan_out(post_id: str, author_id: str, action: Action) -> None:
    """Push or forget a post: at once for its author and the first followers of each shard, then page by page."""
    heads = [graph.follower_page(author_id, shard, None, fanout.HEAD_SIZE) for shard in range(graph.FOLLOWER_SHARDS)]
    owners = [author_id, *chain.from_iterable(head.items for head in heads)]
    if _write(action, post_id, owners):
        queue.send(
            [
                Page(action=action, post_id=post_id, author_id=author_id, shard=shard, after=head.next)
                for shard, head in enumerate(heads)
                if head.next
            ]
        )


def fan_out_page(page: Page) -> None:
    """Push or forget a post for one page of followers, and pass on to the next page."""
    followers = graph.follower_page(page.author_id, page.shard, page.after, fanout.PAGE_SIZE)
    if followers.items and _write(page.action, page.post_id, followers.items) and followers.next:
        queue.send([fanout.next_page(page, followers.next)])


def settle_tie(owner_id: str, author_id: str) -> None:
    """Make a feed agree with whether its owner follows an author: the author's newest posts, or none.

    What the graph says is read again after the writes: of two events at once, neither can have a wrong last word.
    """
    while True:
        follows = graph.follows(owner_id, author_id)
        if follows:
            _push_newest(owner_id, author_id)
        else:
            store.forget_creator(owner_id, author_id)
        if graph.follows(owner_id, author_id) == follows:
            return


def _push_newest(owner_id: str, author_id: str) -> None:
    for post_id in posts.published_by(author_id, None, fanout.NEWEST).items:
        if ids.created_at(post_id) > clock.now() - store.KEPT_FOR:
            _write("push", post_id, [owner_id])


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
