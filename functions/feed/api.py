"""HTTP routes of the feed."""

from functions.feed import service
from functions.feed.views import home
from functions.posts.views import PostView
from heliograph import http

app = http.resolver()


@app.get("/v1/feed", summary="My home feed", tags=["feed"])
def feed(
    caller: http.SignedIn, order: service.Order = "ranked", limit: http.Limit = 20, cursor: http.Cursor = None
) -> http.Page[PostView]:
    return http.read_page(f"feed-{order}", caller.user_id, home(caller.user_id, order), limit, cursor)


handler = http.handler(app)
