"""The end of a story: DynamoDB itself removes the item, and the stream tells all who derived something from it."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from local.client import Client, wait_until
from local.clouds.emulator import Feature
from local.instance import NAMESPACE
from tests.integration.behind import PHOTO, Aws

pytestmark = pytest.mark.needs(Feature.EXPIRY)

STORIES = f"{NAMESPACE}-stories"
BUCKET = f"{NAMESPACE}-media-000000000000-us-east-1"


def removals(aws: Aws, story_id: str) -> list[dict[str, Any]]:
    """The stream's REMOVE records of one story."""
    streams = aws("dynamodbstreams")
    arn = streams.list_streams(TableName=STORIES)["Streams"][0]["StreamArn"]
    records = []
    for shard in streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
        iterator = streams.get_shard_iterator(
            StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        while iterator and (answer := streams.get_records(ShardIterator=iterator)):
            records += answer["Records"]
            iterator = answer.get("NextShardIterator") if answer["Records"] else None
    return [
        record
        for record in records
        if record["eventName"] == "REMOVE" and record["dynamodb"]["Keys"]["storyId"]["S"] == story_id
    ]


def derived(aws: Aws, story_id: str, media_id: str) -> dict[str, int]:
    """How much is left of a story in each place that knows of it."""
    tables = aws("dynamodb")
    views = tables.query(
        TableName=f"{NAMESPACE}-story-views",
        KeyConditionExpression="storyId = :story",
        ExpressionAttributeValues={":story": {"S": story_id}},
    )
    counters = tables.scan(
        TableName=f"{NAMESPACE}-counters",
        FilterExpression="contains(entity, :story)",
        ExpressionAttributeValues={":story": {"S": story_id}},
    )
    medium = tables.get_item(TableName=f"{NAMESPACE}-media", Key={"mediaId": {"S": media_id}})
    objects = aws("s3").list_objects_v2(Bucket=BUCKET)
    return {
        "views": views["Count"],
        "counters": counters["Count"],
        "media": int("Item" in medium),
        "objects": sum(media_id in item["Key"] for item in objects.get("Contents", [])),
    }


def test_expired_story_is_removed_everywhere(join: Callable[[str], Client], aws: Aws) -> None:
    # Given a story that a follower has seen
    nora, owen = join("nora"), join("owen")
    owen.put(f"/users/{nora.user_id}/follow")
    media_id = nora.upload(PHOTO, purpose="story")
    story_id = nora.post("/stories", {"mediaId": media_id})["storyId"]
    wait_until(lambda: nora.get(f"/stories/{story_id}")["status"] == "published", what="the publication")
    owen.put(f"/stories/{story_id}/view")
    assert all(derived(aws, story_id, media_id).values())
    # When its time is over
    aws("dynamodb").update_item(
        TableName=STORIES,
        Key={"storyId": {"S": story_id}},
        UpdateExpression="SET expiresAt = :past",
        ExpressionAttributeValues={":past": {"N": str(int(time.time()) - 1)}},
    )
    # Then DynamoDB removes it, in its own name
    wait_until(lambda: removals(aws, story_id), seconds=60, what="the removal")
    (removal,) = removals(aws, story_id)
    assert removal["userIdentity"] == {"PrincipalId": "dynamodb.amazonaws.com", "Type": "Service"}
    # And nothing is left of it
    nothing = dict.fromkeys(("views", "counters", "media", "objects"), 0)
    wait_until(lambda: derived(aws, story_id, media_id) == nothing, seconds=60, what="nothing left")
    assert owen.get("/stories")["items"] == []
