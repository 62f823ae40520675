"""Records, keys and secrets."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from infrastructure import access
from infrastructure.stacks.identity import IdentityStack
from infrastructure.tables import TABLES, TableSpec
from infrastructure.target import Target
from tests.infrastructure.conftest import LOCAL, Templates, app


def tables(templates: Templates):
    return templates.named("AWS::DynamoDB::GlobalTable", "TableName")


@pytest.mark.parametrize("spec", TABLES, ids=lambda spec: spec.name)
def test_tables_have_their_keys_stream_index_and_expiry(either: Templates, spec: TableSpec):
    properties = tables(either)[f"heliograph-{spec.name}"].properties
    keys = {key["KeyType"]: key["AttributeName"] for key in properties["KeySchema"]}
    assert keys == {"HASH": spec.partition} | ({"RANGE": spec.sort} if spec.sort else {})
    assert {definition["AttributeType"] for definition in properties["AttributeDefinitions"]} == {"S"}
    assert properties["BillingMode"] == "PAY_PER_REQUEST"
    assert ("StreamSpecification" in properties) == spec.stream
    assert properties.get("TimeToLiveSpecification", {}).get("AttributeName") == spec.ttl
    indexes = {
        index["IndexName"]: index["Projection"]["ProjectionType"]
        for index in properties.get("GlobalSecondaryIndexes", [])
    }
    assert indexes == {index.name: "KEYS_ONLY" if index.keys_only else "ALL" for index in spec.indexes}


def test_streams_carry_both_images(either: Templates):
    views = {
        table.properties["StreamSpecification"]["StreamViewType"]
        for table in tables(either).values()
        if "StreamSpecification" in table.properties
    }
    assert views == {"NEW_AND_OLD_IMAGES"}


def test_aws_tables_are_encrypted_recoverable_and_protected_from_deletion(aws: Templates):
    for table in tables(aws).values():
        assert table.properties["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS"}
        (replica,) = table.properties["Replicas"]
        assert "KMSMasterKeyId" in replica["SSESpecification"]
        assert replica["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
        assert replica["DeletionProtectionEnabled"] is True


def test_the_record_key_rotates_and_serves_dynamodb_only(aws: Templates):
    (key,) = [k for k in aws.of_type("AWS::KMS::Key") if "records" in k.properties["Description"]]
    assert key.properties["EnableKeyRotation"] is True
    shared = [s for s in key.properties["KeyPolicy"]["Statement"] if s["Principal"] == {"AWS": "*"}]
    assert len(shared) == 1
    assert shared[0]["Condition"]["StringEquals"]["kms:ViaService"] == "dynamodb.us-east-1.amazonaws.com"
    assert "kms:CallerAccount" in shared[0]["Condition"]["StringEquals"]


def test_tokens_are_signed_by_a_multi_region_p256_key(either: Templates):
    (key,) = [k for k in either.of_type("AWS::KMS::Key") if k.properties.get("KeyUsage") == "SIGN_VERIFY"]
    assert key.properties["KeySpec"] == "ECC_NIST_P256"
    assert key.properties["MultiRegion"] is True


@pytest.mark.parametrize(
    ("signing_keys", "verify", "signs"),
    [
        ("1", ["SigningKey"], "SigningKey"),
        ("1,2", ["SigningKey", "SigningKey2"], "SigningKey"),
        ("2,1", ["SigningKey2", "SigningKey"], "SigningKey2"),
        ("2", ["SigningKey2"], "SigningKey2"),
    ],
)
def test_first_signing_key_signs_and_the_others_verify(
    tmp_path: Path, signing_keys: str, verify: list[str], signs: str
):
    # given one of the steps of docs/operations/keys.md
    built = app(tmp_path, LOCAL | {"signingKeys": signing_keys})
    target = Target.of(built.node)
    stack = IdentityStack(built, "identity", target=target)
    names = {stack.resolve(key.key_id)["Ref"]: key.node.id for key in stack.signing_keys}
    arns = [key.key_arn for key in stack.signing_keys]

    def named(value: Any) -> list[str]:
        return [names[found] for found in re.findall(r"SigningKey\w+", json.dumps(stack.resolve(value)))]

    # then the order says which key signs; the others verify
    assert named(access.tokens(target, arns).environment["SIGNING_KEY_IDS"]) == verify
    assert [named(resource) for grant in access.signing(target, arns).permissions for resource in grant.resources] == [
        [signs]
    ]


def test_the_key_of_sealed_fields_serves_accounts_only(either: Templates):
    (key,) = [k for k in either.of_type("AWS::KMS::Key") if "sealed" in k.properties["Description"]]
    assert (key.properties["EnableKeyRotation"], key.properties["MultiRegion"]) == (True, True)
    functions = either.named("AWS::Lambda::Function", "FunctionName")
    sealing = {name for name, function in functions.items() if "FIELD_KEY" in str(function.properties["Environment"])}
    assert {name.split("-")[1] for name in sealing} == {"accounts"}


def test_secrets_are_generated_by_the_cloud(either: Templates):
    secrets = either.named("AWS::SecretsManager::Secret", "Name")
    assert set(secrets) == {"heliograph-cursor-secret", "heliograph-lookup-secret", "heliograph-media-secret"}
    for secret in secrets.values():
        generated = secret.properties["GenerateSecretString"]
        assert generated["PasswordLength"] == 64
        # The local target writes one into a script, so it must not end the string it stands in.
        assert set("'\"\\`$%{}") <= set(generated["ExcludeCharacters"])
