"""Least privilege and signatures, on a cloud that enforces them."""

from collections.abc import Callable
from typing import Any

import boto3
import httpx
import pytest
from botocore.exceptions import ClientError

from local.client import Client, wait_until
from local.clouds.emulator import Feature
from local.instance import NAMESPACE, Endpoints
from tests.integration.behind import PHOTO, Aws


@pytest.fixture
def as_function(aws: Aws, endpoints: Endpoints) -> Callable[[str, str], Any]:
    """A client that may do what a function may."""

    def client(function: str, service: str) -> Any:
        role = aws("lambda").get_function_configuration(FunctionName=f"{NAMESPACE}-{function}")["Role"]
        credentials = aws("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
        return boto3.client(
            service,
            endpoint_url=endpoints.aws_endpoint,
            region_name="us-east-1",
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials["SessionToken"],
        )

    return client


@pytest.mark.needs(Feature.PERMISSIONS)
def test_function_role_permits_its_own_work_only(as_function: Callable[[str, str], Any]) -> None:
    tables = as_function("feed-api", "dynamodb")
    # Given what the feed needs
    tables.query(
        TableName=f"{NAMESPACE}-feeds",
        KeyConditionExpression="userId = :user",
        ExpressionAttributeValues={":user": {"S": "nobody"}},
    )
    # Then it reads nobody's password, writes no post, empties no table and opens no secret but its own
    credentials, posts = f"{NAMESPACE}-credentials", f"{NAMESPACE}-posts"
    for forbidden in (
        lambda: tables.get_item(TableName=credentials, Key={"userId": {"S": "a"}, "credential": {"S": "password"}}),
        lambda: tables.put_item(TableName=posts, Item={"postId": {"S": "forged"}}),
        lambda: tables.delete_table(TableName=f"{NAMESPACE}-feeds"),
        lambda: as_function("feed-api", "secretsmanager").get_secret_value(SecretId=f"{NAMESPACE}-lookup-secret"),
    ):
        with pytest.raises(ClientError, match="AccessDenied"):
            forbidden()


@pytest.mark.needs(Feature.SIGNATURES)
def test_upload_form_works_only_as_signed(join: Callable[[str], Client]) -> None:
    owner = join("otto")
    upload = owner.request_upload(len(PHOTO))["upload"]
    other = owner.request_upload(len(PHOTO))["upload"]
    forged = {
        "another's key": {**upload["fields"], "key": other["fields"]["key"]},
        "another's signature": {**upload["fields"], "x-amz-signature": other["fields"]["x-amz-signature"]},
        "no signature": {name: value for name, value in upload["fields"].items() if name != "x-amz-signature"},
    }
    statuses = {
        name: owner.send_to_form({**upload, "fields": fields}, PHOTO).status_code for name, fields in forged.items()
    }
    assert set(statuses.values()) <= {400, 403}, statuses
    assert owner.send_to_form(upload, PHOTO).is_success


@pytest.mark.needs(Feature.SIGNATURES)
def test_presigned_url_works_for_its_object_only(join: Callable[[str], Client]) -> None:
    owner = join("olaf")
    media_id = owner.upload(PHOTO)
    first, second, *_ = wait_until(lambda: owner.get(f"/media/{media_id}")["renditions"], what="the renditions")
    (path, signature), other = first["url"].split("?"), second["url"].split("?")[0]
    statuses = [
        httpx.get(url, trust_env=False).status_code for url in (f"{path}?{signature}", f"{other}?{signature}", path)
    ]
    assert statuses == [200, 403, 403]
