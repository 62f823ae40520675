"""How a feed is put together: candidates in their order, what the viewer may see of them, and how it is shown."""

from functions.feed.model import Order
from functions.feed.service import Home
from functions.posts.service import HydratedPost
from functions.posts.views import PostView, present
from heliograph.reading import Pipeline


def home(viewer_id: str, order: Order) -> Pipeline[str, HydratedPost, PostView]:
    feed = Home(viewer_id, order)
    return Pipeline(feed.post_ids, feed.hydrate, feed.visible, present)
