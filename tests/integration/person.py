"""Somebody who has done everything that one can do here, and those with whom they did it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from local.client import Client, wait_until
from tests.integration.behind import PHOTO


@dataclass(frozen=True)
class Life:
    """One person, seen from their own account, with what they and others made. `friend` and they follow each other."""

    me: Client
    username: str
    friend: Client
    muted: Client
    blocked: Client
    private: Client
    media_ids: tuple[str, ...]
    post_ids: tuple[str, ...]
    story_id: str
    comment_id: str
    reply_id: str
    friends_post_id: str
    friends_story_id: str

    @property
    def user_id(self) -> str:
        return self.me.user_id

    @property
    def others(self) -> tuple[Client, ...]:
        return self.friend, self.muted, self.blocked, self.private


def lived(join: Callable[[str], Client]) -> Life:
    """Lead a life, and wait until all of it has arrived."""
    me, friend, muted, blocked, private = map(join, ("nina", "otto", "mara", "bela", "pia"))
    username = me.get("/users/me")["username"]
    private.patch("/users/me", {"isPrivate": True})
    _meet(me, friend, muted, blocked, private)
    friends_post_id = _posted(friend, f"Seen with @{username}, at last")["postId"]
    friends_story_id = _told(friend, f"And again @{username}")
    posts = [_posted(me, caption) for caption in ("Dusk over the harbour #lastlight", "Dawn, without words")]
    story_id = _told(me, "Only today")
    comment = me.post(f"/posts/{friends_post_id}/comments", {"content": "What a day"})
    friend.post(f"/posts/{friends_post_id}/comments", {"content": "It was", "parentCommentId": comment["commentId"]})
    reply = me.post(
        f"/posts/{friends_post_id}/comments", {"content": "And night", "parentCommentId": comment["commentId"]}
    )
    muted.post(f"/posts/{friends_post_id}/comments", {"content": "Who took this?"})
    friend.post(f"/posts/{posts[0]['postId']}/comments", {"content": "Beautiful"})
    for fan, post_id in ((me, friends_post_id), (muted, friends_post_id), (friend, posts[0]["postId"])):
        fan.put(f"/posts/{post_id}/like")
    me.put(f"/posts/{friends_post_id}/save")
    friend.put(f"/posts/{posts[0]['postId']}/save")
    me.put(f"/stories/{friends_story_id}/view")
    friend.put(f"/stories/{story_id}/view")
    post_ids = tuple(post["postId"] for post in posts)
    for follower in (friend, muted):
        wait_until(
            lambda follower=follower: set(post_ids) <= {item["postId"] for item in follower.items("/feed")},
            what="the posts in the feeds of followers",
        )
    muted.delete(f"/users/{me.user_id}/follow")
    wait_until(lambda: list(me.items("/search", q="lastlight", type="posts")), what="the index")
    unused = me.upload(PHOTO)
    return Life(
        me=me,
        username=username,
        friend=friend,
        muted=muted,
        blocked=blocked,
        private=private,
        media_ids=(*(item["mediaId"] for post in posts for item in post["media"]), _story_medium(me, story_id), unused),
        post_ids=post_ids,
        story_id=story_id,
        comment_id=comment["commentId"],
        reply_id=reply["commentId"],
        friends_post_id=friends_post_id,
        friends_story_id=friends_story_id,
    )


def _meet(me: Client, friend: Client, muted: Client, blocked: Client, private: Client) -> None:
    friend.put(f"/users/{me.user_id}/follow")
    muted.put(f"/users/{me.user_id}/follow")
    blocked.put(f"/users/{me.user_id}/follow")
    for other in (friend, muted, private):
        me.put(f"/users/{other.user_id}/follow")
    me.put(f"/users/{friend.user_id}/close-friend")
    me.put(f"/users/{muted.user_id}/mute")
    me.put(f"/users/{blocked.user_id}/block")


def _posted(author: Client, caption: str) -> dict[str, Any]:
    post_id = author.create_post([author.upload(PHOTO)], caption=caption)["postId"]

    def published() -> dict[str, Any] | None:
        post = author.get(f"/posts/{post_id}")
        return post if post["status"] == "published" else None

    return wait_until(published, what="the publication")


def _told(author: Client, caption: str) -> str:
    story_id = author.post("/stories", {"mediaId": author.upload(PHOTO, purpose="story"), "caption": caption})[
        "storyId"
    ]
    wait_until(lambda: author.get(f"/stories/{story_id}")["status"] == "published", what="the story")
    return str(story_id)


def _story_medium(author: Client, story_id: str) -> str:
    return str(author.get(f"/stories/{story_id}")["media"]["mediaId"])
