"""Records, keys and secrets."""

import pytest

from infrastructure.catalogue import TABLES, TableSpec
from tests.infrastructure.conftest import Templates


def tables(templates: Templates):
    return templates.named("AWS::DynamoDB::GlobalTable", "TableName")


@pytest.mark.parametrize("spec", TABLES, ids=lambda spec: spec.name)
def test_keys_stream_index_and_expiry(either: Templates, spec: TableSpec):
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


def test_records_on_aws_are_encrypted_recoverable_and_not_deleted_by_mistake(aws: Templates):
    for table in tables(aws).values():
        assert table.properties["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS"}
        (replica,) = table.properties["Replicas"]
        assert "KMSMasterKeyId" in replica["SSESpecification"]
        assert replica["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
        assert replica["DeletionProtectionEnabled"] is True


def test_the_record_key_rotates_and_serves_dynamodb_only(aws: Templates):
    (key,) = [k for k in aws.of_type("AWS::KMS::Key") if k.properties.get("EnableKeyRotation")]
    shared = [s for s in key.properties["KeyPolicy"]["Statement"] if s["Principal"] == {"AWS": "*"}]
    assert len(shared) == 1
    assert shared[0]["Condition"]["StringEquals"]["kms:ViaService"] == "dynamodb.us-east-1.amazonaws.com"
    assert "kms:CallerAccount" in shared[0]["Condition"]["StringEquals"]


def test_tokens_are_signed_by_a_multi_region_p256_key(either: Templates):
    (key,) = [k for k in either.of_type("AWS::KMS::Key") if k.properties.get("KeyUsage") == "SIGN_VERIFY"]
    assert key.properties["KeySpec"] == "ECC_NIST_P256"
    assert key.properties["MultiRegion"] is True


def test_secrets_are_made_up_by_the_cloud(either: Templates):
    secrets = either.named("AWS::SecretsManager::Secret", "Name")
    assert set(secrets) == {"heliograph-cursor-secret", "heliograph-media-secret"}
    for secret in secrets.values():
        generated = secret.properties["GenerateSecretString"]
        assert generated["PasswordLength"] == 64
        # The local target writes one into a script, so it must not end the string it stands in.
        assert set("'\"\\`$%{}") <= set(generated["ExcludeCharacters"])
