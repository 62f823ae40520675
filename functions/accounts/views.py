"""How accounts appear in answers."""

from functions.accounts.service import Profile
from heliograph import media_urls
from heliograph.http import View


class ProfileSummary(View):
    """The author line under somebody's content."""

    user_id: str
    username: str
    full_name: str
    profile_picture_url: str | None
    is_private: bool
    is_verified: bool


def summary(profile: Profile) -> ProfileSummary:
    return ProfileSummary(
        user_id=profile.user_id,
        username=profile.username,
        full_name=profile.full_name,
        profile_picture_url=picture_url(profile),
        is_private=profile.is_private,
        is_verified=profile.is_verified,
    )


def picture_url(profile: Profile) -> str | None:
    """The table keeps the picture's key in the media bucket; clients get a signed URL."""
    return media_urls.url(profile.profile_picture_url) if profile.profile_picture_url else None
