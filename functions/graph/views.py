"""How people appear in answers, with what they are to the viewer."""

from functools import partial

from functions.accounts.views import ProfileSummary, picture_url, summary
from functions.graph import service
from functions.graph.service import Person, SeenProfile
from functions.graph.ties import Following
from heliograph.http import View
from heliograph.reading import Pipeline, Skeleton


class ViewerView(View):
    """What the profile's owner is to whoever asked."""

    following: Following
    followed_by: bool
    blocking: bool
    muting: bool
    muting_posts: bool
    muting_stories: bool
    close_friend: bool
    post_notifications: bool


class ProfileView(View):
    user_id: str
    username: str
    full_name: str
    bio: str
    website_url: str | None
    profile_picture_url: str | None
    is_private: bool
    is_verified: bool
    post_count: int
    follower_count: int
    following_count: int
    viewer: ViewerView


def present(seen: SeenProfile) -> ProfileView:
    profile, relationship = seen.profile, seen.relationship
    return ProfileView(
        user_id=profile.user_id,
        username=profile.username,
        full_name=profile.full_name,
        bio=profile.bio,
        website_url=profile.website_url,
        profile_picture_url=picture_url(profile),
        is_private=profile.is_private,
        is_verified=profile.is_verified,
        post_count=profile.post_count,
        follower_count=profile.follower_count,
        following_count=profile.following_count,
        viewer=ViewerView.model_validate(relationship),
    )


def people(viewer_id: str, skeleton: Skeleton[str]) -> Pipeline[str, Person, ProfileSummary]:
    """A list of people anywhere in the product: those whom the viewer may see, in the skeleton's order."""
    return Pipeline(skeleton, partial(service.hydrate_people, viewer_id), service.visible_people, present_people)


def blocked_people(viewer_id: str, skeleton: Skeleton[str]) -> Pipeline[str, Person, ProfileSummary]:
    """The viewer's own list of blocks: the one list in which blocked accounts appear."""
    return Pipeline(skeleton, partial(service.hydrate_people, viewer_id), service.existing_people, present_people)


def present_people(people: list[Person]) -> list[ProfileSummary]:
    return [summary(person.profile) for person in people]
