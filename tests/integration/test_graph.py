"""The graph over HTTP: private accounts, requests, blocks, mutes, close friends, and who sees what of whom."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

import httpx
import pytest

from local.client import Client, wait_until
from tests.integration.behind import PHOTO


@dataclass(frozen=True)
class Pair:
    """Two people, and the paths to each other's accounts."""

    nora: Client
    omar: Client

    @property
    def to_nora(self) -> str:
        return f"/users/{_id(self.nora)}"

    @property
    def to_omar(self) -> str:
        return f"/users/{_id(self.omar)}"


def _id(client: Client) -> str:
    return client.user_id


@pytest.fixture
def pair(join: Callable[[str], Client]) -> Pair:
    return Pair(join("nora"), join("omar"))


def ids(client: Client, path: str) -> list[str]:
    return [person["userId"] for person in client.items(path)]


def counts(client: Client) -> tuple[int, int]:
    me = client.get("/users/me")
    return me["followerCount"], me["followingCount"]


def sees(client: Client, path: str, **relationship: str | bool) -> None:
    """Wait until a profile's viewer is so: a process that answers may know it a few seconds late."""
    wait_until(
        lambda: relationship.items() <= client.get(path)["viewer"].items(), what=f"the viewer to be {relationship}"
    )


def test_private_account_declines_or_accepts_follow_requests(pair: Pair) -> None:
    pair.nora.patch("/users/me", {"isPrivate": True})
    # Asked, declined
    assert pair.omar.put(f"{pair.to_nora}/follow") == {"state": "requested"}
    sees(pair.omar, pair.to_nora, following="requested")
    assert ids(pair.nora, "/follow-requests") == [_id(pair.omar)]
    pair.nora.delete(f"/follow-requests/{_id(pair.omar)}")
    assert ids(pair.nora, "/follow-requests") == []
    assert pair.nora.request("PUT", f"/follow-requests/{_id(pair.omar)}").status_code == 404
    # Asked again, accepted
    pair.omar.put(f"{pair.to_nora}/follow")
    assert pair.omar.request("GET", f"{pair.to_nora}/followers").status_code == 404
    for _ in range(2):
        pair.nora.put(f"/follow-requests/{_id(pair.omar)}")
    assert ids(pair.omar, f"{pair.to_nora}/followers") == [_id(pair.omar)]
    assert ids(pair.nora, f"{pair.to_omar}/following") == [_id(pair.nora)]
    wait_until(lambda: (counts(pair.nora), counts(pair.omar)) == ((1, 0), (0, 1)), what="the counts")
    # Removed
    for _ in range(2):
        pair.nora.delete(f"/followers/{_id(pair.omar)}")
    sees(pair.omar, pair.to_nora, following="no")
    wait_until(lambda: (counts(pair.nora), counts(pair.omar)) == ((0, 0), (0, 0)), what="the counts")


def test_posts_of_private_account_are_shown_to_followers_only(pair: Pair) -> None:
    post_id = pair.nora.create_post([pair.nora.upload(PHOTO)])["postId"]
    wait_until(lambda: pair.nora.get(f"/posts/{post_id}")["status"] == "published", what="the post")
    assert pair.omar.request("GET", f"/posts/{post_id}").status_code == 200
    pair.nora.patch("/users/me", {"isPrivate": True})
    hidden = [f"/posts/{post_id}", f"/posts/{post_id}/comments", f"/posts/{post_id}/likes"]
    assert [pair.omar.request("GET", path).status_code for path in hidden] == [404, 404, 404]
    assert pair.omar.request("PUT", f"/posts/{post_id}/like").status_code == 404
    assert pair.omar.get(f"{pair.to_nora}/posts")["items"] == []
    pair.omar.put(f"{pair.to_nora}/follow")
    pair.nora.put(f"/follow-requests/{_id(pair.omar)}")
    seen = [200, 200, 200]
    wait_until(
        lambda: [pair.omar.request("GET", path).status_code for path in hidden] == seen, what="the following to show"
    )


def test_account_that_becomes_public_accepts_open_requests(pair: Pair, join: Callable[[str], Client]) -> None:
    # given a private account with a follower, and another who asks
    pair.nora.patch("/users/me", {"isPrivate": True})
    old, asking = pair.omar, join("pia")
    old.put(f"{pair.to_nora}/follow")
    pair.nora.put(f"/follow-requests/{_id(old)}")
    assert asking.put(f"{pair.to_nora}/follow") == {"state": "requested"}
    # when
    pair.nora.patch("/users/me", {"isPrivate": False})
    # then both follow, whatever becomes of the account
    wait_until(lambda: set(ids(pair.nora, f"{pair.to_nora}/followers")) == {_id(old), _id(asking)}, what="both")
    assert ids(pair.nora, "/follow-requests") == []
    pair.nora.patch("/users/me", {"isPrivate": True})
    assert set(ids(pair.nora, f"{pair.to_nora}/followers")) == {_id(old), _id(asking)}


def test_block_ends_follows_and_hides_both_ways_until_unblocked(pair: Pair) -> None:
    pair.omar.put(f"{pair.to_nora}/follow")
    pair.nora.put(f"{pair.to_omar}/follow")
    for _ in range(2):
        pair.nora.put(f"{pair.to_omar}/block")
    assert ids(pair.nora, "/users/me/blocks") == [_id(pair.omar)]
    wait_until(lambda: pair.omar.request("GET", pair.to_nora).status_code == 404, what="the block to show")
    assert pair.omar.request("PUT", f"{pair.to_nora}/follow").status_code == 404
    assert pair.nora.request("PUT", f"{pair.to_omar}/follow").status_code == 403
    sees(pair.nora, pair.to_omar, blocking=True)
    assert pair.nora.request("GET", f"{pair.to_omar}/followers").status_code == 404
    wait_until(lambda: (counts(pair.nora), counts(pair.omar)) == ((0, 0), (0, 0)), what="the counts")
    pair.nora.delete(f"{pair.to_omar}/block")
    wait_until(lambda: pair.omar.request("GET", pair.to_nora).status_code == 200, what="the end of the block to show")
    sees(pair.omar, pair.to_nora, following="no")
    assert pair.omar.put(f"{pair.to_nora}/follow") == {"state": "following"}


def test_mutes_and_close_friends_are_seen_by_their_owner_only(pair: Pair) -> None:
    pair.nora.put(f"{pair.to_omar}/mute")
    pair.nora.put(f"{pair.to_omar}/close-friend")
    assert ids(pair.nora, "/users/me/mutes") == ids(pair.nora, "/users/me/close-friends") == [_id(pair.omar)]
    sees(pair.nora, pair.to_omar, muting=True, mutingPosts=True, mutingStories=True, closeFriend=True)
    assert ids(pair.omar, "/users/me/mutes") == ids(pair.omar, "/users/me/close-friends") == []
    pair.nora.delete(f"{pair.to_omar}/mute")
    pair.nora.delete(f"{pair.to_omar}/close-friend")
    assert ids(pair.nora, "/users/me/mutes") == ids(pair.nora, "/users/me/close-friends") == []


def test_mute_of_stories_leaves_posts(pair: Pair) -> None:
    # given both muted, and the posts taken out of it
    pair.nora.put(f"{pair.to_omar}/mute")
    pair.nora.put(f"{pair.to_omar}/mute", {"posts": False})
    # then what is muted is stories, and the list has them
    sees(pair.nora, pair.to_omar, muting=True, mutingPosts=False, mutingStories=True)
    assert ids(pair.nora, "/users/me/mutes") == [_id(pair.omar)]
    # and to mute neither is to mute no longer
    pair.nora.put(f"{pair.to_omar}/mute", {"posts": False, "stories": False})
    sees(pair.nora, pair.to_omar, muting=False)
    assert ids(pair.nora, "/users/me/mutes") == []
    assert pair.nora.request("PUT", f"{pair.to_omar}/mute", {"reels": True}).status_code == 422


def test_post_notifications_need_a_follow_and_end_with_it(pair: Pair) -> None:
    # given a stranger
    path = f"{pair.to_nora}/post-notifications"
    assert pair.omar.request("PUT", path).status_code == 409
    # when they follow
    pair.omar.put(f"{pair.to_nora}/follow")
    for _ in range(2):
        pair.omar.put(path)
    # then they may be told, until they no longer want to, or no longer follow
    sees(pair.omar, pair.to_nora, postNotifications=True)
    for _ in range(2):
        pair.omar.delete(path)
    sees(pair.omar, pair.to_nora, postNotifications=False)
    pair.omar.put(path)
    pair.omar.delete(f"{pair.to_nora}/follow")
    pair.omar.put(f"{pair.to_nora}/follow")
    sees(pair.omar, pair.to_nora, following="yes", postNotifications=False)


def test_blocked_people_cannot_mute_or_befriend_each_other(pair: Pair) -> None:
    # given
    pair.nora.put(f"{pair.to_omar}/block")
    # then the blocked cannot tell the account from none, and the blocker must unblock first
    for stance in ("mute", "close-friend", "post-notifications"):
        assert pair.omar.request("PUT", f"{pair.to_nora}/{stance}").status_code == 404
        assert pair.nora.request("PUT", f"{pair.to_omar}/{stance}").status_code == 403


def test_post_for_close_friends_is_shown_to_them_only(pair: Pair, join: Callable[[str], Client]) -> None:
    stranger = join("pia")
    pair.nora.put(f"{pair.to_omar}/close-friend")
    post_id = pair.nora.create_post([pair.nora.upload(PHOTO)], audience="closeFriends")["postId"]
    wait_until(lambda: pair.nora.get(f"/posts/{post_id}")["status"] == "published", what="the post")
    assert pair.omar.request("GET", f"/posts/{post_id}").status_code == 200
    assert stranger.request("GET", f"/posts/{post_id}").status_code == 404


def test_follow_block_and_mute_of_oneself_or_unknown_account_are_refused(pair: Pair) -> None:
    for stance in ("follow", "block", "mute"):
        assert pair.nora.request("PUT", f"{pair.to_nora}/{stance}").status_code == 422
        assert pair.nora.request("PUT", f"/users/nobody/{stance}").status_code == 404
    assert pair.nora.request("GET", "/users/by-username/nobody.at.all").status_code == 404


def test_follows_are_rate_limited(join: Callable[[str], Client]) -> None:
    # Given somebody who follows and leaves, again and again
    ada, ben = join("ada"), join("ben")

    def times() -> Iterator[int]:
        """How often following was possible, until it was refused."""
        while (answer := ada.request("PUT", f"/users/{ben.user_id}/follow")).status_code == 200:
            ada.delete(f"/users/{ben.user_id}/follow")
            yield 1
        refusals.append(answer)

    # When it becomes too often (a process that remembers the pair may let a repetition pass)
    refusals: list[httpx.Response] = []
    allowed = sum(islice(times(), 70))
    # Then the sixty of an hour are used up, and the answer says until when; everything else goes on
    (refused,) = refusals
    assert allowed >= 60
    assert refused.status_code == 429
    assert refused.headers["RateLimit-Limit"] == "60"
    assert refused.headers["RateLimit-Remaining"] == "0"
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert ada.get(f"/users/{ben.user_id}")["viewer"]["following"] == "no"
    assert ben.put(f"/users/{ada.user_id}/follow") == {"state": "following"}
