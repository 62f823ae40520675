"""HTTP routes of stories."""

from functools import partial
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Path

from functions.accounts.views import ProfileSummary
from functions.graph.views import people
from functions.media.views import EditsInput
from functions.posts.views import CaptionText, LocationInput, MediaId
from functions.stories import service
from functions.stories.views import ReelView, StoryView, present, present_story, present_tray
from heliograph import clock, http, idempotency
from heliograph.events import PostAudience
from heliograph.reading import Pipeline

app = http.resolver()

StoryId = Annotated[str, Path(alias="storyId"), http.AN_ID]
UserId = Annotated[str, Path(alias="userId"), http.AN_ID]


class NewStory(http.Body):
    media_id: MediaId
    edits: EditsInput | None = None
    caption: CaptionText = ""
    location: LocationInput | None = None
    audience: PostAudience = "followers"


@app.post("/v1/stories", status_code=201, summary="Publish a story", tags=["stories"], middlewares=[idempotency.replay])
def create_story(body: NewStory, caller: http.SignedIn) -> StoryView:
    draft = service.Draft(
        media_id=body.media_id,
        caption=body.caption,
        location=body.location and body.location.location(),
        audience=body.audience,
        edits=body.edits and body.edits.edits(),
    )
    return present_story(service.create(caller.user_id, draft))


@app.get("/v1/stories", summary="My tray: authors with stories, who published last first", tags=["stories"])
def tray(caller: http.SignedIn, limit: http.Limit = 20, cursor: http.Cursor = None) -> http.Page[ReelView]:
    pipeline = Pipeline(
        partial(service.tray, caller.user_id),
        partial(service.hydrate_tray, caller.user_id),
        partial(service.visible_tray, clock.now()),
        present_tray,
    )
    return http.read_page("tray", caller.user_id, pipeline, limit, cursor)


@app.get("/v1/users/<userId>/stories", summary="Stories of an account, the oldest first", tags=["stories"])
def list_stories(
    user_id: UserId, caller: http.SignedIn, limit: http.Limit = 20, cursor: http.Cursor = None
) -> http.Page[StoryView]:
    pipeline = Pipeline(
        service.stories_of(caller.user_id, user_id),
        partial(service.hydrate, caller.user_id),
        partial(service.visible, clock.now()),
        present,
    )
    return http.read_page(f"stories#{user_id}", caller.user_id, pipeline, limit, cursor)


@app.get("/v1/stories/<storyId>", summary="A story", tags=["stories"])
def read_story(story_id: StoryId, caller: http.SignedIn) -> StoryView:
    return present_story(service.read(caller.user_id, story_id))


@app.delete("/v1/stories/<storyId>", status_code=204, summary="Delete a story", tags=["stories"])
def delete_story(story_id: StoryId, caller: http.SignedIn) -> None:
    service.delete(caller.user_id, story_id)


@app.put("/v1/stories/<storyId>/view", status_code=204, summary="Note that I have seen a story", tags=["stories"])
def view_story(story_id: StoryId, caller: http.SignedIn) -> None:
    service.view(caller.user_id, story_id)


@app.get("/v1/stories/<storyId>/viewers", summary="Who has seen my story", tags=["stories"])
def list_viewers(
    story_id: StoryId, caller: http.SignedIn, limit: http.Limit = 20, cursor: http.Cursor = None
) -> http.Page[ProfileSummary]:
    viewers = service.viewers(caller.user_id, story_id)
    return http.read_page(f"viewers#{story_id}", caller.user_id, people(caller.user_id, viewers), limit, cursor)


handler = http.handler(app)
