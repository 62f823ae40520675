"""HTTP routes of the feed."""

from functions.feed import service
from functions.feed.home import home
from functions.feed.views import ViewsInput
from functions.posts.views import PostView
from heliograph import http

app = http.resolver()


@app.get("/v1/feed", summary="My home feed", tags=["feed"])
def feed(
    caller: http.SignedIn, order: service.Order = "ranked", limit: http.Limit = 20, cursor: http.Cursor = None
) -> http.Page[PostView]:
    return http.read_page(f"feed-{order}", caller.user_id, home(caller.user_id, order), limit, cursor)


@app.post("/v1/feed/views", status_code=202, summary="Say which posts I have looked at", tags=["feed"])
def report_views(body: ViewsInput, caller: http.SignedIn) -> None:
    service.report_views(caller.user_id, body.merged())


handler = http.handler(app)
