"""HTTP routes of the feed."""

from typing import Annotated

from pydantic import Field, StringConstraints

from functions.feed import service
from functions.feed.home import home
from functions.posts.views import PostView
from heliograph import http, ids
from heliograph.events import View

MAX_VIEWS = 100
MAX_MILLISECONDS = 600_000

Id = Annotated[str, StringConstraints(pattern=f"^{ids.FORM.pattern}$")]

app = http.resolver()


class ViewInput(http.Body):
    """A post that was on the screen, and for how long in all."""

    post_id: Id
    milliseconds: Annotated[int, Field(ge=0, le=MAX_MILLISECONDS)]


class ViewsInput(http.Body):
    """What was looked at since the last report; `profiles`: ids of the accounts whose profiles were opened."""

    views: Annotated[list[ViewInput], Field(default_factory=list, max_length=MAX_VIEWS)]
    profiles: Annotated[list[Id], Field(default_factory=list, max_length=MAX_VIEWS)]

    def merged(self) -> list[View]:
        """Each post once, with its longest look."""
        longest: dict[str, int] = {}
        for view in self.views:
            longest[view.post_id] = max(view.milliseconds, longest.get(view.post_id, 0))
        return [View(post_id=post_id, milliseconds=look) for post_id, look in longest.items()]


@app.get("/v1/feed", summary="My home feed", tags=["feed"])
def feed(
    caller: http.SignedIn, order: service.Order = "ranked", limit: http.Limit = 20, cursor: http.Cursor = None
) -> http.Page[PostView]:
    return http.read_page(f"home-{order}", caller.user_id, home(caller.user_id, order), limit, cursor)


@app.post("/v1/feed/views", status_code=202, summary="Say which posts and profiles I have looked at", tags=["feed"])
def report_views(body: ViewsInput, caller: http.SignedIn) -> None:
    service.report_views(caller.user_id, body.merged(), list(dict.fromkeys(body.profiles)))


handler = http.handler(app)
