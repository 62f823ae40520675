"""HTTP routes of the feed."""

from functools import partial

from functions.feed import service
from functions.posts import service as posts
from functions.posts.views import PostView, present
from heliograph import http
from heliograph.reading import Pipeline

app = http.resolver()


@app.get("/v1/feed", summary="My home feed", tags=["feed"])
def feed(
    caller: http.SignedIn, order: service.Order = "ranked", limit: http.Limit = 20, cursor: http.Cursor = None
) -> http.Page[PostView]:
    pipeline = Pipeline(
        service.post_ids(caller.user_id, order),
        partial(posts.hydrate, caller.user_id),
        partial(service.visible, caller.user_id),
        present,
    )
    return http.read_page(f"feed-{order}", caller.user_id, pipeline, limit, cursor)


handler = http.handler(app)
