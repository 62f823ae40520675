"""The search engine is down for a while: nothing is lost, nothing is set aside, and all catches up by itself."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from local import operate
from local.client import Client, wait_until
from local.cloud import Cloud
from local.clouds.emulator import Feature
from local.instance import NAMESPACE
from tests.integration.behind import PHOTO, Queue

pytestmark = [pytest.mark.needs(Feature.DEPLOYMENT), pytest.mark.long]

INDEX = f"{NAMESPACE}-discovery-index"
# More than three times what a message is invisible after a failure: after so many deliveries poison is set aside.
OUTAGE_SECONDS = 65.0
# Messages come back after half a minute, and a busy machine is slow.
PATIENCE_SECONDS = 240.0


@pytest.fixture
def stopped(cloud: Cloud) -> Iterator[Cloud]:
    """The cloud without its search engine, which runs again in the end, whatever happens, with all that it had."""
    cloud.search.stop()
    yield cloud
    if not cloud.search.running():
        cloud.start_search()
    operate.reindex(cloud, compare=False)


def found(client: Client, tag: str) -> list[str]:
    answer = client.request("GET", "/search", params={"type": "posts", "q": tag})
    return [post["postId"] for post in answer.json()["items"]] if answer.is_success else []


@pytest.mark.needs(Feature.SEARCH_OUTAGE)
def test_search_outage_loses_nothing_and_index_catches_up(
    join: Callable[[str], Client], stopped: Cloud, aws: Callable[[str], Any]
) -> None:
    # Given an engine that is down
    ada, max_ = join("ada"), join("max")
    tag = f"outage{time.time_ns()}"
    dead = Queue(aws("sqs"), f"{INDEX}-dlq")
    dead_before = dead.waiting()
    # When posts are published, edited and deleted meanwhile
    posts = [ada.create_post([ada.upload(PHOTO)], caption=f"{number} #{tag}")["postId"] for number in range(4)]
    ada.patch(f"/posts/{posts[1]}", {"caption": f"edited #{tag}edited"})
    ada.delete(f"/posts/{posts[2]}")
    time.sleep(OUTAGE_SECONDS)
    # And it comes back, knowing nothing
    stopped.start_search()
    # Then all is found that is there, and nothing was set aside
    wait_until(
        lambda: sorted(found(max_, tag)) == sorted([posts[0], posts[3]]), seconds=PATIENCE_SECONDS, what="the posts"
    )
    wait_until(lambda: found(max_, f"{tag}edited") == [posts[1]], seconds=PATIENCE_SECONDS, what="the edit")
    assert dead.waiting() == dead_before


def test_reindex_rebuilds_the_index(join: Callable[[str], Client], cloud: Cloud) -> None:
    # Given a post that is found
    ada, max_ = join("ada"), join("max")
    tag = f"anew{time.time_ns()}"
    post_id = ada.create_post([ada.upload(PHOTO)], caption=f"#{tag}")["postId"]
    wait_until(lambda: found(max_, tag) == [post_id], what="the post")
    # When the index is made anew
    operate.reindex(cloud, compare=False)
    # Then it is found still, and so is what comes after
    assert found(max_, tag) == [post_id]
    later = ada.create_post([ada.upload(PHOTO)], caption=f"#{tag}")["postId"]
    wait_until(lambda: sorted(found(max_, tag)) == sorted([post_id, later]), what="the next post")
    # And both sides are equal, or mended
    operate.reindex(cloud, compare=True)
