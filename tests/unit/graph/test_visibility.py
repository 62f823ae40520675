"""May they view it? The single rule, as one table: viewer x owner x audience."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import get_args

import pytest

from functions.accounts.service import Profile
from functions.graph.service import Audience, Relationship, Viewer, may_view

NOBODY: set[str] = set()
PROFILE_ONLY = {"everyone"}
OPEN = {"everyone", "followers"}
ALL = {"everyone", "followers", "closeFriends"}


def profile(*, private: bool) -> Profile:
    return Profile("owner", "owner", "", "", None, None, private, False, 0, 0, 0, datetime(2026, 1, 1, tzinfo=UTC), 1)


@pytest.mark.parametrize(
    ("relationship", "sees_of_public", "sees_of_private"),
    [
        (Relationship(), OPEN, PROFILE_ONLY),
        (Relationship(following="requested"), OPEN, PROFILE_ONLY),
        (Relationship(followed_by=True), OPEN, PROFILE_ONLY),
        (Relationship(following="yes"), OPEN, OPEN),
        (Relationship(following="yes", muting_posts=True, muting_stories=True), OPEN, OPEN),
        (Relationship(following="yes", close_friend=True), OPEN, OPEN),
        (Relationship(following="yes", close_friend_of=True), ALL, ALL),
        (Relationship(close_friend_of=True), ALL, PROFILE_ONLY),
        (Relationship(blocked_by=True), NOBODY, NOBODY),
        (Relationship(blocking=True), NOBODY, NOBODY),
        (Relationship(following="yes", close_friend_of=True, blocked_by=True), NOBODY, NOBODY),
    ],
)
def test_visibility_matrix_is_as_documented(
    relationship: Relationship, sees_of_public: set[str], sees_of_private: set[str]
) -> None:
    viewer = Viewer("viewer", {"owner": relationship})
    for audience in get_args(Audience):
        assert may_view(viewer, profile(private=False), audience) == (audience in sees_of_public)
        assert may_view(viewer, profile(private=True), audience) == (audience in sees_of_private)


@pytest.mark.parametrize("audience", get_args(Audience))
def test_only_the_owner_sees_an_account_being_deleted(audience: Audience) -> None:
    deleted = replace(profile(private=False), is_deactivated=True)
    friend = Relationship(following="yes", followed_by=True, close_friend=True, close_friend_of=True)
    assert not may_view(Viewer("viewer", {"owner": friend}), deleted, audience)
    assert may_view(Viewer("owner", {}), deleted, audience)


@pytest.mark.parametrize("audience", get_args(Audience))
def test_owners_see_everything_of_their_own(audience: Audience) -> None:
    assert may_view(Viewer("owner", {}), profile(private=True), audience)
