"""boto3 clients of a local cloud."""

from functools import cache
from typing import Any

import boto3

from local.instance import Instance

ACCOUNT = "000000000000"
REGION = "us-east-1"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}


@cache
def client(service: str, instance: Instance, endpoint_url: str | None = None) -> Any:
    """A boto3 client of one emulated service, with administrator credentials; made once, which takes 0.1 s."""
    return boto3.client(  # pyright: ignore[reportCallIssue, reportArgumentType] - the name is a variable
        service,
        endpoint_url=endpoint_url or instance.aws_endpoint,
        region_name=REGION,
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
    )
