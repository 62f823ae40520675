"""What is shared with the whole world: public posts alone, whoever asks; everything else is what never was."""

import base64
import uuid
from collections.abc import Callable

import pytest

from local.client import Client
from local.instance import Endpoints
from tests.security.community import Community, said
from tests.security.oracle import ROLES, THINGS, may_see

POSTS = [name for name, thing in THINGS.items() if thing.kind == "post"]
NOBODY = ROLES["stranger"]


def code(post_id: str) -> str:
    return base64.urlsafe_b64encode(uuid.UUID(post_id).bytes).decode().rstrip("=")


@pytest.mark.parametrize("thing", POSTS)
def test_share_page_exists_for_public_posts_only(
    thing: str, people: Community, connect: Callable[[], Client], endpoints: Endpoints
) -> None:
    # given
    site = endpoints.api_url.removesuffix("/v1")
    marks = people.things[thing].marks
    public = may_see(NOBODY, THINGS[thing])
    paths = ("/p/{}", "/p/{}/thumb", f"/oembed?url={site}/p/{{}}")
    # when somebody without an account asks, and when those who may see the post ask with theirs
    for who in (connect(), people.owner(thing), people.viewers["close-friend"]):
        for path in paths:
            asked, absent = (
                who.request("GET", site + path.format(one))
                for one in (code(people.things[thing].names["postId"]), code(str(uuid.uuid4())))
            )
            # then
            if public:
                assert asked.status_code in (200, 302)
            else:
                assert asked.status_code == absent.status_code == 404
                assert said(asked) == said(absent)
                assert not [mark for mark in marks if mark in asked.text]
