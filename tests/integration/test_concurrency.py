"""A function at its reserved concurrency: who asks directly is turned away, who waits in a queue loses nothing."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local.client import Client, wait_until
from local.clouds.emulator import Feature
from local.instance import NAMESPACE, Endpoints
from tests.integration.behind import PHOTO, Aws, function

pytestmark = pytest.mark.needs(Feature.CONCURRENCY)

SLOW = """
import time

def handle(event, context):
    time.sleep(3)
    return "done"
"""
PHOTOS = 4


def test_second_concurrent_call_is_throttled(aws: Aws, endpoints: Endpoints) -> None:
    once = Config(retries={"total_max_attempts": 1})
    client = boto3.client("lambda", endpoint_url=endpoints.aws_endpoint, region_name="us-east-1", config=once)

    def invoke(arn: str) -> str:
        try:
            return json.loads(client.invoke(FunctionName=arn)["Payload"].read())
        except ClientError as error:
            return error.response["Error"]["Code"]

    # Given a function that may run once at a time
    with function(aws, "slow", SLOW) as arn:
        client.put_function_concurrency(FunctionName=arn, ReservedConcurrentExecutions=1)
        # When it is asked twice at once
        with ThreadPoolExecutor(max_workers=2) as pool:
            answers = sorted(pool.map(invoke, [arn, arn]))
    # Then one is served
    assert answers == ["TooManyRequestsException", "done"]


def test_queued_photos_are_all_processed_one_at_a_time(aws: Aws, join: Callable[[str], Client]) -> None:
    resize = f"{NAMESPACE}-media-resize"
    owner = join("otis")
    # Given one photo at a time
    aws("lambda").put_function_concurrency(FunctionName=resize, ReservedConcurrentExecutions=1)
    try:
        # When several arrive together
        with ThreadPoolExecutor(max_workers=PHOTOS) as pool:
            media = list(pool.map(lambda _: owner.upload(PHOTO), range(PHOTOS)))
        # Then all are ready in the end
        wait_until(
            lambda: {owner.get(f"/media/{media_id}")["status"] for media_id in media} == {"ready"},
            seconds=120,
            what="the last photo",
        )
    finally:
        aws("lambda").delete_function_concurrency(FunctionName=resize)
