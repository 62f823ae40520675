"""HTTP routes of posts, their likes and their comments."""

from functools import partial
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from aws_lambda_powertools.event_handler.openapi.types import OpenAPIResponse
from pydantic import AfterValidator, Field, WithJsonSchema

from functions.accounts.views import ProfileSummary
from functions.graph import service as graph
from functions.graph.views import people
from functions.media.views import EditsInput
from functions.posts import conversation, pinning, saving, service, sharing, sharing_page, text
from functions.posts.model import MAX_MEDIA
from functions.posts.service import Draft, Edits
from functions.posts.sharing import KEPT_SECONDS
from functions.posts.views import (
    CaptionText,
    CommentView,
    LocationInput,
    MediaId,
    PostView,
    present,
    present_comment,
    present_comments,
    present_post,
)
from heliograph import http, idempotency, plaintext
from heliograph.errors import NotFound, NotOffered
from heliograph.events import PostAudience
from heliograph.reading import Pipeline

app = http.resolver()

PostId = Annotated[str, Path(alias="postId"), http.AN_ID]
CommentId = Annotated[str, Path(alias="commentId"), http.AN_ID]
UserId = Annotated[str, Path(alias="userId"), http.AN_ID]
AltText = Annotated[str, *plaintext.field(text.alt_text, maxLength=text.MAX_ALT_TEXT)]
Content = Annotated[str, *plaintext.field(text.comment, minLength=1, maxLength=text.MAX_COMMENT)]
Shortcode = Annotated[str, Path(), WithJsonSchema({"type": "string", "pattern": r"^[A-Za-z0-9_-]{22}$"})]
PictureName = Annotated[str, Path(), WithJsonSchema({"type": "string", "pattern": r"^[a-z0-9]{1,10}$"})]
Pixels = Annotated[int | None, Query(ge=1)]
MAX_LINK = 500
PAGE: OpenAPIResponse = {"description": "A page", "content": {"text/html": {"schema": {"type": "string"}}}}
# What cannot be a short code at all is no route either, and told as everywhere.
NO_PAGE: OpenAPIResponse = {
    "description": "No such page",
    "content": {"text/html": {"schema": {"type": "string"}}, "application/problem+json": {}},
}


def _offered(name: str) -> str:
    if name == "xml":
        raise NotOffered("Only JSON is offered")
    if name != "json":
        raise ValueError("json")
    return name


OembedFormat = Annotated[str, AfterValidator(_offered), WithJsonSchema({"type": "string", "enum": ["json"]})]


class MediumInput(http.Body):
    media_id: MediaId
    edits: EditsInput | None = None
    alt_text: AltText | None = None


def _each_once(media: list[MediumInput]) -> list[MediumInput]:
    if len({medium.media_id for medium in media}) < len(media):
        raise ValueError("each medium only once")
    return media


class NewPost(http.Body):
    media: Annotated[list[MediumInput], Field(min_length=1, max_length=MAX_MEDIA), AfterValidator(_each_once)]
    caption: CaptionText = ""
    location: LocationInput | None = None
    audience: PostAudience = "followers"


class PostEdit(http.Body):
    """What is absent stays; null clears a location or an alternative text."""

    caption: CaptionText = ""
    location: LocationInput | None = None
    alt_texts: Annotated[dict[MediaId, AltText | None], Field(default_factory=dict, max_length=MAX_MEDIA)]
    comments_off: bool = False
    likes_hidden: bool = False


class NewComment(http.Body):
    content: Content
    parent_comment_id: MediaId | None = None


class CommentEdit(http.Body):
    content: Content


class LikeView(http.View):
    liked: bool
    like_count: int | None


class LinkView(http.View):
    url: str


# --- Posts ----------------------------------------------------------------------------------------------------------


@app.post("/v1/posts", status_code=201, summary="Write a post", tags=["posts"], middlewares=[idempotency.replay])
def create_post(body: NewPost, caller: http.SignedIn) -> PostView:
    draft = Draft(
        media_ids=tuple(medium.media_id for medium in body.media),
        caption=body.caption,
        alt_texts={medium.media_id: medium.alt_text for medium in body.media if medium.alt_text},
        location=body.location and body.location.location(),
        audience=body.audience,
        edits={medium.media_id: medium.edits.edits() for medium in body.media if medium.edits},
    )
    return present_post(service.create(caller.user_id, draft))


@app.get("/v1/posts/<postId>", summary="A post", tags=["posts"], middlewares=[http.conditional])
def read_post(post_id: PostId, caller: http.SignedIn) -> PostView:
    return present_post(service.read(caller.user_id, post_id))


@app.patch("/v1/posts/<postId>", summary="Edit a post", tags=["posts"])
def edit_post(post_id: PostId, body: PostEdit, caller: http.SignedIn) -> PostView:
    edits = Edits()
    if "caption" in body.model_fields_set:
        edits["caption"] = body.caption
    if "location" in body.model_fields_set:
        edits["location"] = body.location and body.location.location()
    if "alt_texts" in body.model_fields_set:
        edits["alt_texts"] = body.alt_texts
    if "comments_off" in body.model_fields_set:
        edits["comments_off"] = body.comments_off
    if "likes_hidden" in body.model_fields_set:
        edits["likes_hidden"] = body.likes_hidden
    return present_post(service.edit(caller.user_id, post_id, edits))


@app.delete("/v1/posts/<postId>", status_code=204, summary="Delete a post", tags=["posts"])
def delete_post(post_id: PostId, caller: http.SignedIn) -> None:
    service.delete(caller.user_id, post_id)


@app.put("/v1/posts/<postId>/archive", status_code=204, summary="Put a post away", tags=["posts"])
def archive_post(post_id: PostId, caller: http.SignedIn) -> None:
    service.archive(caller.user_id, post_id, archived=True)


@app.delete("/v1/posts/<postId>/archive", status_code=204, summary="Bring a post back", tags=["posts"])
def unarchive_post(post_id: PostId, caller: http.SignedIn) -> None:
    service.archive(caller.user_id, post_id, archived=False)


@app.get("/v1/users/<userId>/posts", summary="Posts of an account, the newest first", tags=["posts"])
def list_posts(
    user_id: UserId, caller: http.SignedIn, limit: http.Limit = 20, cursor: http.Cursor = None
) -> http.Page[PostView]:
    graph.seen_profile(caller.user_id, user_id)
    skeleton = partial(service.published_by, user_id)
    pipeline = Pipeline(skeleton, partial(service.hydrate, caller.user_id), service.visible, present)
    return http.read_page(f"posts#{user_id}", caller.user_id, pipeline, limit, cursor)


@app.get("/v1/users/me/archive", summary="Posts I have put away, the newest first", tags=["posts"])
def list_archive(caller: http.SignedIn, limit: http.Limit = 20, cursor: http.Cursor = None) -> http.Page[PostView]:
    skeleton = partial(service.archived_by, caller.user_id)
    pipeline = Pipeline(skeleton, partial(service.hydrate, caller.user_id), service.archived, present)
    return http.read_page("archive", caller.user_id, pipeline, limit, cursor)


# --- Saving ---------------------------------------------------------------------------------------------------------


@app.put("/v1/posts/<postId>/save", status_code=204, summary="Keep a post", tags=["posts"])
def save_post(post_id: PostId, caller: http.SignedIn) -> None:
    saving.save(caller.user_id, post_id)


@app.delete("/v1/posts/<postId>/save", status_code=204, summary="Do not keep a post any more", tags=["posts"])
def unsave_post(post_id: PostId, caller: http.SignedIn) -> None:
    saving.unsave(caller.user_id, post_id)


@app.get("/v1/users/me/saved", summary="Posts I keep, the last saved first", tags=["posts"])
def list_saved(caller: http.SignedIn, limit: http.Limit = 20, cursor: http.Cursor = None) -> http.Page[PostView]:
    skeleton = saving.saved_by(caller.user_id)
    pipeline = Pipeline(skeleton, partial(service.hydrate, caller.user_id), service.visible, present)
    return http.read_page("saved", caller.user_id, pipeline, limit, cursor)


# --- Likes ----------------------------------------------------------------------------------------------------------


@app.put("/v1/posts/<postId>/like", summary="Like a post", tags=["posts"])
def like(post_id: PostId, caller: http.SignedIn) -> LikeView:
    return LikeView(liked=True, like_count=conversation.like(caller.user_id, post_id))


@app.delete("/v1/posts/<postId>/like", summary="Take a like back", tags=["posts"])
def unlike(post_id: PostId, caller: http.SignedIn) -> LikeView:
    return LikeView(liked=False, like_count=conversation.unlike(caller.user_id, post_id))


@app.get("/v1/posts/<postId>/likes", summary="Who likes a post", tags=["posts"])
def list_likers(
    post_id: PostId, caller: http.SignedIn, limit: http.Limit = 20, cursor: http.Cursor = None
) -> http.Page[ProfileSummary]:
    likers = conversation.likers(caller.user_id, post_id)
    return http.read_page(f"likes#{post_id}", caller.user_id, people(caller.user_id, likers), limit, cursor)


# --- Comments -------------------------------------------------------------------------------------------------------


@app.get(
    "/v1/posts/<postId>/comments",
    summary="Comments on a post: the pinned ones, then the others, the newest first",
    tags=["posts"],
)
def list_comments(
    post_id: PostId, caller: http.SignedIn, limit: http.Limit = 20, cursor: http.Cursor = None
) -> http.Page[CommentView]:
    post = service.see(caller.user_id, post_id).post
    hydrate = partial(conversation.hydrate, caller.user_id, post)
    pipeline = Pipeline(partial(pinning.comments_on, post), hydrate, conversation.visible, present_comments)
    return http.read_page(f"comments#{post_id}", caller.user_id, pipeline, limit, cursor)


@app.post(
    "/v1/posts/<postId>/comments",
    status_code=201,
    summary="Comment on a post, or reply to a comment",
    tags=["posts"],
    middlewares=[idempotency.replay],
)
def add_comment(post_id: PostId, body: NewComment, caller: http.SignedIn) -> CommentView:
    return present_comment(conversation.add(caller.user_id, post_id, body.content, body.parent_comment_id))


@app.patch("/v1/comments/<commentId>", summary="Edit a comment", tags=["posts"])
def edit_comment(comment_id: CommentId, body: CommentEdit, caller: http.SignedIn) -> CommentView:
    return present_comment(conversation.edit(caller.user_id, comment_id, body.content))


@app.delete("/v1/comments/<commentId>", status_code=204, summary="Delete a comment and its replies", tags=["posts"])
def delete_comment(comment_id: CommentId, caller: http.SignedIn) -> None:
    conversation.delete(caller.user_id, comment_id)


@app.put("/v1/comments/<commentId>/like", summary="Like a comment", tags=["posts"])
def like_comment(comment_id: CommentId, caller: http.SignedIn) -> LikeView:
    return LikeView(liked=True, like_count=conversation.like_comment(caller.user_id, comment_id))


@app.delete("/v1/comments/<commentId>/like", summary="Take the like of a comment back", tags=["posts"])
def unlike_comment(comment_id: CommentId, caller: http.SignedIn) -> LikeView:
    return LikeView(liked=False, like_count=conversation.unlike_comment(caller.user_id, comment_id))


@app.put("/v1/comments/<commentId>/pin", status_code=204, summary="Show a comment before all others", tags=["posts"])
def pin_comment(comment_id: CommentId, caller: http.SignedIn) -> None:
    pinning.pin(caller.user_id, comment_id)


@app.delete("/v1/comments/<commentId>/pin", status_code=204, summary="Pin a comment no longer", tags=["posts"])
def unpin_comment(comment_id: CommentId, caller: http.SignedIn) -> None:
    pinning.unpin(caller.user_id, comment_id)


@app.get("/v1/comments/<commentId>/replies", summary="Replies to a comment, the oldest first", tags=["posts"])
def list_replies(
    comment_id: CommentId, caller: http.SignedIn, limit: http.Limit = 20, cursor: http.Cursor = None
) -> http.Page[CommentView]:
    post = conversation.see(caller.user_id, comment_id).post
    hydrate = partial(conversation.hydrate, caller.user_id, post)
    pipeline = Pipeline(partial(conversation.replies_to, comment_id), hydrate, conversation.visible, present_comments)
    return http.read_page(f"replies#{comment_id}", caller.user_id, pipeline, limit, cursor)


# --- Sharing --------------------------------------------------------------------------------------------------------


@app.get("/v1/posts/<postId>/share-link", summary="A link to a post, for elsewhere", tags=["posts"])
def share_link(post_id: PostId, caller: http.SignedIn) -> LinkView:
    return LinkView(url=sharing.link(caller.user_id, post_id))


@app.get(
    "/p/<shortcode>",
    summary="The page of a public post, with Open Graph",
    tags=["posts"],
    responses={200: PAGE, 404: NO_PAGE},
)
def shared_page(shortcode: Shortcode) -> Response[str]:
    try:
        shared = sharing.shared(shortcode)
    except NotFound:
        return _html(404, sharing_page.missing_page(), sharing_page.headers())
    return _html(200, sharing_page.page(shared), sharing_page.headers(shared))


@app.get(
    "/p/<shortcode>/<picture>",
    summary="A picture of a public post, under an address that does not end",
    tags=["posts"],
    status_code=302,
    responses={302: {"description": "Where the picture is for now", "content": {"text/plain": {}}}},
)
def shared_picture(shortcode: Shortcode, picture: PictureName) -> Response[str]:
    headers = {"Location": sharing.picture(shortcode, picture), "Cache-Control": f"public, max-age={KEPT_SECONDS}"}
    return Response(302, content_type="text/plain", body="", headers=headers)


@app.get(
    "/oembed",
    summary="oEmbed 1.0 of a link to a public post",
    tags=["posts"],
    responses={
        200: {"description": "A photo, or a link", "content": {"application/json": {"schema": {"type": "object"}}}},
        501: {"description": "Only JSON is offered", "content": {"application/problem+json": {}}},
    },
)
def oembed(
    url: Annotated[str, Query(max_length=MAX_LINK)],
    maxwidth: Pixels = None,
    maxheight: Pixels = None,
    _format: Annotated[OembedFormat, Query(alias="format")] = "json",
) -> dict[str, Any]:
    return sharing.embedded(url, maxwidth, maxheight)


def _html(status: int, body: str, headers: dict[str, str]) -> Response[str]:
    return Response(status, content_type=sharing_page.CONTENT_TYPE, body=body, headers=headers)


handler = http.handler(app)
