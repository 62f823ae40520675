"""People and posts for tests of the feed and of discovery."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from functions.accounts.service import Profile
from functions.graph.service import Relationship, Viewer
from functions.posts.service import HydratedPost, Post

ROOT = Path(__file__).parents[3]
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ANNA = "019aa1b2-0000-7000-8000-000000000001"
BEN = "019aa1b2-0000-7000-8000-000000000002"
POST = "019aab10-0000-7000-8000-00000000000a"


def sample(name: str) -> dict[str, Any]:
    """One of the payloads in events/."""
    return json.loads((ROOT / "events" / f"{name}.json").read_text())


def profile(user_id: str = ANNA, **changes: Any) -> Profile:
    values: dict[str, Any] = {
        "user_id": user_id,
        "username": "anna.berg",
        "full_name": "Anna Berg",
        "bio": "",
        "website_url": None,
        "profile_picture_url": None,
        "is_private": False,
        "is_verified": False,
        "post_count": 1,
        "follower_count": 2,
        "following_count": 3,
        "created_at": NOON,
        "version": 4,
    }
    return Profile(**values | changes)


def post(post_id: str = POST, user_id: str = ANNA, **changes: Any) -> Post:
    values: dict[str, Any] = {
        "post_id": post_id,
        "user_id": user_id,
        "status": "published",
        "media_ids": (),
        "media_type": "image",
        "audience": "followers",
        "created_at": NOON,
        "version": 5,
        "hashtags": ("sunset",),
    }
    return Post(**values | changes)


def hydrated(
    post_id: str = POST, viewer_id: str = BEN, *, relationship: Relationship | None = None, **changes: Any
) -> HydratedPost:
    """A post of Anna's (or of `user_id`) as the viewer meets it."""
    shown = post(post_id, **changes)
    viewer = Viewer(viewer_id, {shown.user_id: relationship or Relationship(following="yes")})
    return HydratedPost(post=shown, author=profile(shown.user_id), viewer=viewer, media=[], liked=False, saved=False)


def post_id(number: int) -> str:
    """Ids whose order is the order of the numbers, as with UUIDv7."""
    return f"019aab10-0000-7000-8000-{number:012d}"


def hours_ago(hours: float) -> datetime:
    return NOON - timedelta(hours=hours)
