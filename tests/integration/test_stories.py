"""Stories over HTTP: who sees them, and that they come and go."""

from collections.abc import Callable

import pytest

from local.client import Client, wait_until
from tests.integration.behind import PHOTO


@pytest.fixture(scope="module")
def hal(join: Callable[[str], Client]) -> Client:
    return join("hal")


@pytest.fixture(scope="module")
def ivy(join: Callable[[str], Client], hal: Client) -> Client:
    """She follows Hal."""
    ivy = join("ivy")
    ivy.put(f"/users/{hal.user_id}/follow")
    return ivy


def tell(client: Client, **fields: str) -> str:
    """A published story of one small photo."""
    story_id = client.post("/stories", {"mediaId": client.upload(PHOTO, purpose="story"), **fields})["storyId"]
    wait_until(lambda: client.get(f"/stories/{story_id}")["status"] == "published", what="the publication")
    return story_id


def tray(client: Client) -> list[list[str]]:
    """The story ids of each reel."""
    return [[story["storyId"] for story in reel["stories"]] for reel in client.items("/stories", limit=1)]


def test_story_before_its_upload_is_published_after_it(hal: Client, ivy: Client) -> None:
    asked = hal.request_upload(len(PHOTO), purpose="story")
    story = hal.post("/stories", {"mediaId": asked["mediaId"]})
    assert (story["status"], tray(ivy)) == ("processing", [])
    assert ivy.request("GET", f"/stories/{story['storyId']}").status_code == 404

    hal.send_to_form(asked["upload"], PHOTO)

    wait_until(lambda: tray(ivy) == [[story["storyId"]]], what="the story in the tray")
    assert tray(hal) == tray(ivy)


def test_story_for_close_friends_is_shown_to_them_only(hal: Client, ivy: Client) -> None:
    story_id = tell(hal, audience="closeFriends")
    assert ivy.request("GET", f"/stories/{story_id}").status_code == 404
    assert ivy.request("PUT", f"/stories/{story_id}/view").status_code == 404

    hal.put(f"/users/{ivy.user_id}/close-friend")

    wait_until(lambda: ivy.request("GET", f"/stories/{story_id}").status_code == 200, what="the friendship to show")
    assert ivy.get(f"/stories/{story_id}")["viewer"] == {"seen": False}
    assert tray(ivy)[0][-1] == story_id


def test_muted_author_is_not_in_the_tray(hal: Client, ivy: Client) -> None:
    assert tray(ivy) != []
    ivy.put(f"/users/{hal.user_id}/mute", {"posts": False})
    wait_until(lambda: tray(ivy) == [], what="an empty tray")
    ivy.put(f"/users/{hal.user_id}/mute", {"stories": False})
    wait_until(lambda: tray(ivy) != [], what="the stories of whose posts alone are muted")
    ivy.delete(f"/users/{hal.user_id}/mute")


def test_story_view_counts_once_and_is_deleted_with_the_story(hal: Client, ivy: Client) -> None:
    story_id = tell(hal)
    for client in (ivy, ivy, hal):
        client.put(f"/stories/{story_id}/view")
    wait_until(lambda: hal.get(f"/stories/{story_id}")["viewCount"] == 1, what="the view counted")
    assert [viewer["userId"] for viewer in hal.items(f"/stories/{story_id}/viewers")] == [ivy.user_id]
    assert ivy.request("GET", f"/stories/{story_id}/viewers").status_code == 403
    assert ivy.request("DELETE", f"/stories/{story_id}").status_code == 403

    hal.delete(f"/stories/{story_id}")

    assert hal.request("GET", f"/stories/{story_id}").status_code == 404
    assert all(story_id not in reel for reel in tray(ivy))


def test_rejected_picture_fails_its_story(hal: Client, ivy: Client) -> None:
    broken = PHOTO[: len(PHOTO) // 2]
    asked = hal.request_upload(len(broken), purpose="story")
    story_id = hal.post("/stories", {"mediaId": asked["mediaId"]})["storyId"]
    assert hal.send_to_form(asked["upload"], broken).is_success

    story = wait_until(
        lambda: hal.get(f"/stories/{story_id}") if hal.get(f"/stories/{story_id}")["status"] == "failed" else None,
        what="the failure",
    )

    assert story["failureReason"] == "corrupt"
    assert ivy.request("GET", f"/stories/{story_id}").status_code == 404
