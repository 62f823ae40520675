"""Ways around: what a request says beside what it asks for, and what was known before."""

import uuid
from collections.abc import Callable

import pytest

from local.client import Client, wait_until
from tests.security.community import NOTHING, Community, said


@pytest.mark.parametrize("role", ["blocked", "blocker"])
@pytest.mark.parametrize("words", ["public-remark", "private-reply"])
def test_hidden_comment_cannot_be_answered(role: str, words: str, people: Community) -> None:
    # given: a post that all may see, and a comment on it that this viewer may not
    path, viewer = f"/posts/{people.witness_names['postId']}/comments", people.viewers[role]
    # when
    hidden, absent = (
        viewer.request("POST", path, json={"content": "An answer", "parentCommentId": parent})
        for parent in (people.things[words].names["commentId"], NOTHING["commentId"])
    )
    # then
    assert hidden.status_code == 422
    assert said(hidden) == said(absent)


def test_idempotency_key_of_another_user_replays_nothing(people: Community, connect: Callable[[], Client]) -> None:
    # given: a comment that was made with a key
    path, key, body = f"/posts/{people.witness_names['postId']}/comments", str(uuid.uuid4()), {"content": "Me too"}
    first, second = people.viewers["follower"], people.viewers["stranger"]
    made = first.post(path, body, key)
    # when: others use the same key for the same request
    other = second.post(path, body, key)
    anonymous = connect().request("POST", path, json=body, headers={"Idempotency-Key": key})
    # then
    assert first.post(path, body, key) == made
    assert (other["author"]["userId"], other["commentId"] == made["commentId"]) == (second.user_id, False)
    assert anonymous.status_code == 401


def test_etag_does_not_confirm_a_post_that_became_hidden(join: Callable[[str], Client], people: Community) -> None:
    """A client's own ETag, from when it could see, must not be answered 304."""
    # given: somebody who has looked
    viewer, owner = join("quentin"), people.owners["public"]
    names = people.things["public-post"].names
    paths = [f"/posts/{names['postId']}", f"/users/{names['userId']}", f"/users/by-username/{names['username']}"]
    etags = {path: viewer.request("GET", path).headers["ETag"] for path in paths}
    assert [_status(viewer, path, etags[path]) for path in paths] == [304, 304, 304]
    # when
    owner.put(f"/users/{viewer.user_id}/block")
    # then: and no longer from the moment in which the block is known everywhere
    for path in paths:
        wait_until(lambda path=path: _status(viewer, path, etags[path]) == 404, what=f"{path} hidden")


def _status(client: Client, path: str, etag: str) -> int:
    return client.request("GET", path, headers={"If-None-Match": etag}).status_code
