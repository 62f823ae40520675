"""How posts and comments appear in requests and answers."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from functions.accounts.views import ProfileSummary, summary
from functions.media.service import MediaView
from functions.posts import text
from functions.posts.conversation import SeenComment
from functions.posts.model import MediaType, Mention, Status
from functions.posts.service import HydratedPost, Location
from heliograph import plaintext
from heliograph.events import PostAudience
from heliograph.http import Body, Time, View

MediaId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
CaptionText = Annotated[str, *plaintext.field(text.caption, maxLength=text.MAX_CAPTION)]
PlaceName = Annotated[str, *plaintext.field(text.place_name, minLength=1, maxLength=text.MAX_PLACE_NAME)]


def _to_the_metre(degrees: float) -> float:
    return round(degrees, 5)


class LocationInput(Body):
    name: PlaceName
    lat: Annotated[float, Field(ge=-90, le=90), AfterValidator(_to_the_metre)]
    lon: Annotated[float, Field(ge=-180, le=180), AfterValidator(_to_the_metre)]

    def location(self) -> Location:
        return Location(self.name, self.lat, self.lon)


class LocationView(View):
    name: str
    lat: float
    lon: float


class MentionView(View):
    user_id: str
    username: str


class PostViewerView(View):
    """What the post is to whoever asked."""

    liked: bool
    saved: bool


class PostView(View):
    post_id: str
    status: Status
    failure_reason: str | None
    author: ProfileSummary
    caption: str
    hashtags: list[str]
    mentioned_users: list[MentionView]
    media_type: MediaType
    media: list[MediaView]
    location: LocationView | None
    audience: PostAudience
    created_at: Time
    is_archived: bool
    comments_off: bool
    likes_hidden: bool
    # null for others than the author while `likesHidden`
    like_count: int | None
    comment_count: int
    viewer: PostViewerView


class CommentViewerView(View):
    """What the comment is to whoever asked."""

    liked: bool


class CommentView(View):
    comment_id: str
    post_id: str
    author: ProfileSummary
    content: str
    created_at: Time
    is_edited: bool
    parent_comment_id: str | None
    mentioned_users: list[MentionView]
    like_count: int
    reply_count: int
    is_pinned: bool
    viewer: CommentViewerView


def present(hydrated: list[HydratedPost]) -> list[PostView]:
    return [present_post(item) for item in hydrated]


def present_post(item: HydratedPost) -> PostView:
    post = item.post
    return PostView(
        post_id=post.post_id,
        status=post.status,
        failure_reason=post.failure_reason,
        author=summary(item.author),
        caption=post.caption,
        hashtags=list(post.hashtags),
        mentioned_users=_mentions(post.mentioned_users),
        media_type=post.media_type,
        media=item.media,
        location=post.location and LocationView.model_validate(post.location),
        audience=post.audience,
        created_at=post.created_at,
        is_archived=post.is_archived,
        comments_off=post.comments_off,
        likes_hidden=post.likes_hidden,
        like_count=post.like_count if item.likes_shown else None,
        comment_count=post.comment_count,
        viewer=PostViewerView(liked=item.liked, saved=item.saved),
    )


def present_comments(comments: list[SeenComment]) -> list[CommentView]:
    return [present_comment(item) for item in comments]


def present_comment(item: SeenComment) -> CommentView:
    comment = item.comment
    return CommentView(
        comment_id=comment.comment_id,
        post_id=comment.post_id,
        author=summary(item.author),
        content=comment.content,
        created_at=comment.created_at,
        is_edited=comment.is_edited,
        parent_comment_id=comment.parent_comment_id,
        mentioned_users=_mentions(comment.mentioned_users),
        like_count=comment.like_count,
        reply_count=comment.reply_count,
        is_pinned=item.pinned,
        viewer=CommentViewerView(liked=item.liked),
    )


def _mentions(mentioned: Sequence[Mention]) -> list[MentionView]:
    return [MentionView.model_validate(user) for user in mentioned]
