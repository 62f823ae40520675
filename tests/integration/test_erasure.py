"""An account that is deleted: hidden at once, taken back by signing in, or gone from every place."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from heliograph import clock
from local.client import Client, wait_until
from local.clouds.emulator import Feature
from local.instance import NAMESPACE, Endpoints
from tests.integration.behind import PHOTO, Aws
from tests.integration.person import lived
from tests.running import PASSWORD

pytestmark = pytest.mark.needs(Feature.DEPLOYMENT)

ERASURE = f"arn:aws:states:us-east-1:000000000000:stateMachine:{NAMESPACE}-erasure"
ENDED_SECONDS = 180
# Answers that are kept for a day, for whoever repeats a request; see docs/operations/erasure.md.
KEPT_FOR_A_WHILE = {f"{NAMESPACE}-idempotency"}


@dataclass(frozen=True)
class Traces:
    """Where an account could have left something."""

    aws: Aws
    search_url: str

    def of(self, *words: str) -> list[str]:
        """Every item, object (or former version) and document in which one of these words occurs."""
        places = (*self._items(), *self._objects(), *self._documents())
        return [place for place in places if any(word in place for word in words)]

    def _items(self) -> Iterator[str]:
        tables = self.aws("dynamodb")
        for table in set(tables.list_tables()["TableNames"]) - KEPT_FOR_A_WHILE:
            for page in tables.get_paginator("scan").paginate(TableName=table):
                yield from (f"{table}: {json.dumps(item, default=str)}" for item in page["Items"])

    def _objects(self) -> Iterator[str]:
        s3 = self.aws("s3")
        for bucket in s3.list_buckets()["Buckets"]:
            name = bucket["Name"]
            for page in s3.get_paginator("list_object_versions").paginate(Bucket=name):
                for item in (*page.get("Versions", []), *page.get("DeleteMarkers", [])):
                    yield f"{name}: {item['Key']}"

    def _documents(self) -> Iterator[str]:
        for kind in ("users", "posts", "hashtags"):
            index = f"{self.search_url}/{NAMESPACE}-{kind}"
            httpx.post(f"{index}/_refresh", trust_env=False).raise_for_status()
            answer = httpx.post(f"{index}/_search", json={"size": 1000}, trust_env=False).raise_for_status()
            yield from (f"{kind}: {json.dumps(hit)}" for hit in answer.json()["hits"]["hits"])


@pytest.fixture(scope="module")
def traces(aws: Aws, endpoints: Endpoints) -> Traces:
    return Traces(aws, endpoints.search_url)


def executions(aws: Aws, user_id: str) -> list[dict[str, Any]]:
    """The erasures of an account."""
    states = aws("stepfunctions")
    found = states.list_executions(stateMachineArn=ERASURE)["executions"]
    described = [states.describe_execution(executionArn=item["executionArn"]) for item in found]
    return [item for item in described if json.loads(item["input"])["userId"] == user_id]


def erasure(aws: Aws, user_id: str) -> dict[str, Any]:
    """The erasure of an account, once it has been started."""
    return wait_until(lambda: executions(aws, user_id), what="the start of the erasure")[0]


def ended(aws: Aws, execution: str) -> str:
    """The status in which an erasure ends."""

    def status() -> str | None:
        found = aws("stepfunctions").describe_execution(executionArn=execution)["status"]
        return found if found != "RUNNING" else None

    return wait_until(status, seconds=ENDED_SECONDS, what="the end of the erasure")


def report(aws: Aws, deletion_id: str) -> dict[str, Any]:
    item = aws("dynamodb").get_item(TableName=f"{NAMESPACE}-erasures", Key={"deletionId": {"S": deletion_id}})["Item"]
    return {name: next(iter(value.values())) for name, value in item.items()}


def test_deleted_account_is_hidden_at_once_and_restored_by_signing_in(
    join: Callable[[str], Client], connect: Callable[[], Client], aws: Aws
) -> None:
    # Given somebody with a follower and a post
    lost, friend = join("lara"), join("finn")
    name = lost.get("/users/me")["username"]
    friend.put(f"/users/{lost.user_id}/follow")
    post = lost.create_post([lost.upload(PHOTO)], caption="Still here")
    wait_until(lambda: list(friend.items("/feed")), what="the post in the feed")
    # When the account is deleted
    deleted = lost.request("DELETE", "/users/me")
    # Then the answer says when it will be gone
    assert deleted.status_code == 202
    assert clock.parse(deleted.json()["deletesAt"]) > clock.now()
    # And nobody sees any of it
    for path in (f"/users/{lost.user_id}", f"/users/by-username/{name}", f"/posts/{post['postId']}"):
        assert friend.request("GET", path).status_code == 404, path
    assert list(friend.items("/feed")) == []
    assert list(friend.items(f"/users/{friend.user_id}/following")) == []
    assert friend.request("PUT", f"/users/{lost.user_id}/follow").status_code == 404
    # And its sessions have ended
    assert lost.session is not None
    renewal = connect().request("POST", "/auth/refresh", {"refreshToken": lost.session.refresh_token})
    assert renewal.status_code == 401
    # When its owner signs in again before the time is over
    lost.sign_in(name, PASSWORD)
    # Then everything is as before, and stays
    assert friend.get(f"/users/{lost.user_id}")["username"] == name
    execution = erasure(aws, lost.user_id)
    assert ended(aws, execution["executionArn"]) == "SUCCEEDED"
    assert friend.get(f"/posts/{post['postId']}")["caption"] == "Still here"
    assert [item["postId"] for item in friend.items("/feed")] == [post["postId"]]


def test_erased_account_leaves_nothing(
    join: Callable[[str], Client], connect: Callable[[], Client], aws: Aws, traces: Traces
) -> None:
    # Given somebody who has done everything one can do, and asked for an export
    gone = lived(join)
    export_id = gone.me.post("/users/me/export", {})["exportId"]
    wait_until(lambda: gone.me.get(f"/users/me/export/{export_id}")["status"] == "ready", seconds=90, what="the export")
    names = (gone.user_id, gone.username)
    assert {place.partition(": ")[0].removeprefix(f"{NAMESPACE}-") for place in traces.of(*names)} >= {
        "users", "identities", "credentials", "follows", "blocks", "media", "posts", "likes", "saves", "comments",
        "mentions", "stories", "story-tray", "story-views", "feeds", "counters", "exports",
    }  # fmt: skip
    # When the account is deleted, and the erasure is stopped in the middle and begun anew
    gone.me.delete("/users/me")
    execution = erasure(aws, gone.user_id)
    stop_in_the_middle(aws, execution["executionArn"])
    assert traces.of(gone.user_id), "something is left to do"
    assert begun_anew(aws, execution, 2) == "SUCCEEDED"
    # Then nothing is left in any table, bucket or index
    wait_until(lambda: not traces.of(*names, *gone.media_ids), seconds=60, what="nothing left")
    # And what others have is whole, and their counts are true
    for other in gone.others:
        wait_until(lambda other=other: counts_are_true(other), what="true counts")
    post_is = {"likeCount": 1, "commentCount": 1, "caption": "Seen with somebody, at last", "mentionedUsers": []}
    story_is = {"viewCount": 0, "caption": "And again somebody", "mentionedUsers": []}
    for path, expected in (
        (f"/posts/{gone.friends_post_id}", post_is),
        (f"/stories/{gone.friends_story_id}", story_is),
    ):
        wait_until(
            lambda path=path, expected=expected: expected.items() <= gone.friend.get(path).items(), what=str(expected)
        )
    assert [item["content"] for item in gone.friend.items(f"/posts/{gone.friends_post_id}/comments")] == [
        "Who took this?"
    ]
    # And the report is there, and does not say whose it is
    told = report(aws, execution["name"])
    assert told["status"] == "finished"
    assert told["askedAt"] <= told["startedAt"] <= told["finishedAt"]
    assert json.loads(told["counts"])["account"] == 1
    # And another run changes nothing, not even once somebody else has the name
    assert connect().request("POST", "/auth/sign-in", {"login": gone.username, "password": PASSWORD}).status_code == 401
    connect().sign_up(gone.username, PASSWORD)
    assert begun_anew(aws, execution, 3) == "SUCCEEDED"
    assert traces.of(gone.user_id) == []
    connect().sign_in(gone.username, PASSWORD)


def stop_in_the_middle(aws: Aws, execution: str) -> None:
    states = aws("stepfunctions")

    def in_the_middle() -> bool:
        history = states.get_execution_history(executionArn=execution, maxResults=1000)["events"]
        return any(event.get("stateEnteredEventDetails", {}).get("name") == "posts: likes" for event in history)

    wait_until(in_the_middle, seconds=ENDED_SECONDS, what="the middle of the erasure")
    states.stop_execution(executionArn=execution)
    assert ended(aws, execution) == "ABORTED"


def begun_anew(aws: Aws, execution: dict[str, Any], number: int) -> str:
    """The end of another run of the same erasure."""
    again = aws("stepfunctions").start_execution(
        stateMachineArn=ERASURE, name=f"{execution['name']}-{number}", input=execution["input"]
    )
    return ended(aws, again["executionArn"])


def counts_are_true(person: Client) -> bool:
    me = person.get("/users/me")
    return (me["followerCount"], me["followingCount"]) == (
        len(list(person.items(f"/users/{person.user_id}/followers"))),
        len(list(person.items(f"/users/{person.user_id}/following"))),
    )
