"""How a feed is put together: candidates in their order, what the viewer may see of them, and how it is shown."""

from functools import partial

from functions.feed import service
from functions.feed.model import Order
from functions.posts import service as posts
from functions.posts.service import HydratedPost
from functions.posts.views import PostView, present
from heliograph.reading import Pipeline


def home(viewer_id: str, order: Order) -> Pipeline[str, HydratedPost, PostView]:
    return Pipeline(
        service.post_ids(viewer_id, order),
        partial(posts.hydrate_feed, viewer_id),
        partial(service.visible, viewer_id),
        present,
    )
