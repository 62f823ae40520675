"""What the targets may and may not contain."""

import pytest
from aws_cdk import Stack, Validations
from aws_cdk import aws_s3 as s3
from cdk_nag import AwsSolutionsChecks

from infrastructure.code import LayersMissing, StackCode
from infrastructure.nag import acknowledge
from infrastructure.target import Target
from tests.infrastructure.conftest import AWS, LOCAL, Templates, app

# Types that at least one local cloud refuses or does not have.
NOT_LOCAL = (
    "AWS::WAFv2::", "AWS::CloudWatch::", "AWS::CloudFront::PublicKey", "AWS::CloudFront::KeyGroup", "AWS::Backup::",
    "AWS::ApplicationAutoScaling::", "AWS::Events::Archive", "AWS::ApiGateway::Account", "AWS::SES::", "AWS::XRay::",
)  # fmt: skip
# The function and the last part of its path.
API_DOCS = {"heliograph-api-docs", "docs"}


def test_no_custom_resource_on_any_target(either: Templates):
    custom = [r.type for r in either if r.type.startswith(("Custom::", "AWS::CloudFormation::CustomResource"))]
    assert custom == []


def test_the_local_target_leaves_out_what_emulators_lack(local: Templates, aws: Templates):
    assert [r.type for r in local if r.type.startswith(NOT_LOCAL)] == []
    assert any(r.type.startswith("AWS::WAFv2::") for r in aws)


def test_both_targets_have_the_same_functions_tables_and_queues(local: Templates, aws: Templates):
    for kind, name in (
        ("AWS::Lambda::Function", "FunctionName"),
        ("AWS::DynamoDB::GlobalTable", "TableName"),
        ("AWS::SQS::Queue", "QueueName"),
        ("AWS::ApiGateway::Resource", "PathPart"),
    ):
        assert set(local.named(kind, name)) - API_DOCS == set(aws.named(kind, name)) != set()


def test_the_api_is_documented_on_a_local_cloud_only(local: Templates, aws: Templates):
    assert "heliograph-api-docs" in local.named("AWS::Lambda::Function", "FunctionName")
    assert "docs" in local.named("AWS::ApiGateway::Resource", "PathPart")
    assert API_DOCS & {*aws.named("AWS::Lambda::Function", "FunctionName")} == set()
    assert API_DOCS & {*aws.named("AWS::ApiGateway::Resource", "PathPart")} == set()


def test_everything_is_named_after_the_namespace(tmp_path):
    # given two deployments side by side
    built = app(tmp_path, LOCAL | {"namespace": "second"})
    # then their names differ
    target = Target.of(built.node)
    assert target.named("users") == "second-users"
    assert target.bucket("media").startswith("second-media-")


@pytest.mark.parametrize("context", [{"target": "azure"}, {"target": "local", "mediaDelivery": "fax"}])
def test_an_unknown_choice_is_refused(tmp_path, context):
    with pytest.raises(ValueError, match="expected"):
        Target.of(app(tmp_path, context).node)


def test_production_data_is_retained_when_its_stack_is_deleted(aws: Templates):
    for kind in ("AWS::DynamoDB::GlobalTable", "AWS::S3::Bucket", "AWS::KMS::Key", "AWS::SecretsManager::Secret"):
        assert {r.raw["DeletionPolicy"] for r in aws.of_type(kind)} == {"Retain"}


def test_cdk_nag_stops_a_synthesis_with_a_finding(tmp_path):
    # given a bucket that is neither logged nor TLS-only
    built = app(tmp_path, AWS)
    s3.Bucket(Stack(built, "stack"), "bucket")
    Validations.of(built).add_plugins(AwsSolutionsChecks(built))
    # when synthesised, then it fails
    with pytest.raises(RuntimeError, match=r"(?i)validation"):
        built.synth()


def test_a_finding_is_acknowledged_only_with_a_reason(tmp_path):
    stack = Stack(app(tmp_path, AWS), "stack")
    with pytest.raises(ValueError, match="without a reason"):
        acknowledge(stack, "AwsSolutions-S1", "")


def test_missing_layers_are_named_in_the_error(tmp_path, monkeypatch):
    # given a checkout without `make layers`
    monkeypatch.setattr("infrastructure.code.BUILT_LAYERS", tmp_path)
    built = app(tmp_path / "out", {"target": "aws"})
    code = StackCode(Stack(built, "stack"), Target.of(built.node))
    # when a function needs one
    with pytest.raises(LayersMissing, match="make layers"):
        code.layers(["core"])
