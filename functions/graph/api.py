"""HTTP routes of the graph: profiles as others see them, following, blocking, muting, close friends."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Path

from functions.accounts.views import ProfileSummary
from functions.graph import service
from functions.graph.views import ProfileView, blocked_people, people, present
from heliograph import http

app = http.resolver()

UserId = Annotated[str, Path(alias="userId"), http.AN_ID]
Username = Annotated[str, Path(alias="username"), http.PERCENT_DECODED]


class Mute(http.Body):
    """What of somebody to mute; what is not named is muted."""

    posts: bool = True
    stories: bool = True


class FollowView(http.View):
    state: service.FollowState


@app.get("/v1/users/<userId>", summary="A profile", tags=["graph"], middlewares=[http.conditional])
def read_profile(user_id: UserId, caller: http.SignedIn) -> ProfileView:
    return present(service.seen_profile(caller.user_id, user_id))


@app.get(
    "/v1/users/by-username/<username>", summary="A profile by username", tags=["graph"], middlewares=[http.conditional]
)
def read_profile_by_username(username: Username, caller: http.SignedIn) -> ProfileView:
    return present(service.seen_profile_by_username(caller.user_id, username))


@app.put("/v1/users/<userId>/follow", summary="Follow, or ask to", tags=["graph"])
def follow(user_id: UserId, caller: http.SignedIn) -> FollowView:
    return FollowView(state=service.follow(caller.user_id, user_id))


@app.delete("/v1/users/<userId>/follow", summary="Stop following", tags=["graph"])
def unfollow(user_id: UserId, caller: http.SignedIn) -> FollowView:
    return FollowView(state=service.unfollow(caller.user_id, user_id))


@app.get("/v1/users/<userId>/followers", summary="Followers of an account", tags=["graph"])
def list_followers(
    user_id: UserId, caller: http.SignedIn, limit: http.Limit = 20, cursor: http.Cursor = None
) -> http.Page[ProfileSummary]:
    followers = people(caller.user_id, service.followers_seen_by(caller.user_id, user_id))
    return http.read_page(f"followers#{user_id}", caller.user_id, followers, limit, cursor)


@app.get("/v1/users/<userId>/following", summary="Whom an account follows", tags=["graph"])
def list_following(
    user_id: UserId, caller: http.SignedIn, limit: http.Limit = 20, cursor: http.Cursor = None
) -> http.Page[ProfileSummary]:
    followees = people(caller.user_id, service.followees_seen_by(caller.user_id, user_id))
    return http.read_page(f"following#{user_id}", caller.user_id, followees, limit, cursor)


@app.get("/v1/follow-requests", summary="Who asks to follow me", tags=["graph"])
def list_requests(
    caller: http.SignedIn, limit: http.Limit = 20, cursor: http.Cursor = None
) -> http.Page[ProfileSummary]:
    found = people(caller.user_id, service.requests_to(caller.user_id))
    return http.read_page("follow-requests", caller.user_id, found, limit, cursor)


@app.put("/v1/follow-requests/<userId>", status_code=204, summary="Accept a follow request", tags=["graph"])
def accept(user_id: UserId, caller: http.SignedIn) -> None:
    service.accept(caller.user_id, user_id)


@app.delete("/v1/follow-requests/<userId>", status_code=204, summary="Decline a follow request", tags=["graph"])
def decline(user_id: UserId, caller: http.SignedIn) -> None:
    service.decline(caller.user_id, user_id)


@app.delete("/v1/followers/<userId>", status_code=204, summary="Remove a follower", tags=["graph"])
def remove_follower(user_id: UserId, caller: http.SignedIn) -> None:
    service.remove_follower(caller.user_id, user_id)


@app.put("/v1/users/<userId>/block", status_code=204, summary="Block", tags=["graph"])
def block(user_id: UserId, caller: http.SignedIn) -> None:
    service.block(caller.user_id, user_id)


@app.delete("/v1/users/<userId>/block", status_code=204, summary="Unblock", tags=["graph"])
def unblock(user_id: UserId, caller: http.SignedIn) -> None:
    service.unblock(caller.user_id, user_id)


@app.put("/v1/users/<userId>/mute", status_code=204, summary="Mute posts, stories or both", tags=["graph"])
def mute(user_id: UserId, caller: http.SignedIn, body: Mute | None = None) -> None:
    wanted = body or Mute()
    service.mute(caller.user_id, user_id, posts=wanted.posts, stories=wanted.stories)


@app.delete("/v1/users/<userId>/mute", status_code=204, summary="Unmute", tags=["graph"])
def unmute(user_id: UserId, caller: http.SignedIn) -> None:
    service.mute(caller.user_id, user_id, posts=False, stories=False)


@app.put("/v1/users/<userId>/close-friend", status_code=204, summary="Add a close friend", tags=["graph"])
def add_close_friend(user_id: UserId, caller: http.SignedIn) -> None:
    service.close_friend(caller.user_id, user_id, on=True)


@app.delete("/v1/users/<userId>/close-friend", status_code=204, summary="Remove a close friend", tags=["graph"])
def remove_close_friend(user_id: UserId, caller: http.SignedIn) -> None:
    service.close_friend(caller.user_id, user_id, on=False)


@app.put("/v1/users/<userId>/post-notifications", status_code=204, summary="Be told of each new post", tags=["graph"])
def turn_on_post_notifications(user_id: UserId, caller: http.SignedIn) -> None:
    service.post_notifications(caller.user_id, user_id, on=True)


@app.delete(
    "/v1/users/<userId>/post-notifications", status_code=204, summary="No longer be told of posts", tags=["graph"]
)
def turn_off_post_notifications(user_id: UserId, caller: http.SignedIn) -> None:
    service.post_notifications(caller.user_id, user_id, on=False)


@app.get("/v1/users/me/blocks", summary="Whom I block", tags=["graph"])
def list_blocks(caller: http.SignedIn, limit: http.Limit = 20, cursor: http.Cursor = None) -> http.Page[ProfileSummary]:
    found = blocked_people(caller.user_id, service.blocked_by(caller.user_id))
    return http.read_page("blocks", caller.user_id, found, limit, cursor)


@app.get("/v1/users/me/mutes", summary="Whom I mute", tags=["graph"])
def list_mutes(caller: http.SignedIn, limit: http.Limit = 20, cursor: http.Cursor = None) -> http.Page[ProfileSummary]:
    found = people(caller.user_id, service.muted_by(caller.user_id))
    return http.read_page("mutes", caller.user_id, found, limit, cursor)


@app.get("/v1/users/me/close-friends", summary="My close friends", tags=["graph"])
def list_close_friends(
    caller: http.SignedIn, limit: http.Limit = 20, cursor: http.Cursor = None
) -> http.Page[ProfileSummary]:
    found = people(caller.user_id, service.close_friends_of(caller.user_id))
    return http.read_page("close-friends", caller.user_id, found, limit, cursor)


handler = http.handler(app)
