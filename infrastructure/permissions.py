"""What roles may do, as data: it can be read, compared in tests, and every wildcard states its reason."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aws_cdk import Aws
from aws_cdk import aws_iam as iam
from constructs import Construct

from infrastructure import principals
from infrastructure.nag import acknowledge
from infrastructure.specs import FunctionSpec
from infrastructure.tables import TABLES
from infrastructure.target import Target

READ_ACTIONS = ("dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:ConditionCheckItem")
WRITE_ACTIONS = ("dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem")
STREAM_ACTIONS = ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator")
QUEUE_ACTIONS = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
_INDEXES = {spec.name: [index.name for index in spec.indexes] for spec in TABLES}


@dataclass(frozen=True)
class Permission:
    """Actions on resources. Where a resource holds a wildcard, `wildcard` says why it must."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    wildcard: str = ""


def allow(actions: Iterable[str], *resources: str, wildcard: str = "") -> Permission:
    return Permission(tuple(actions), resources, wildcard)


def role(scope: Construct, construct_id: str, *, service: str, permissions: Sequence[Permission]) -> iam.Role:
    """A role with exactly these permissions; each wildcard is acknowledged with its reason."""
    statements = [
        iam.PolicyStatement(actions=list(permission.actions), resources=list(permission.resources))
        for permission in permissions
    ]
    built = iam.Role(
        scope,
        construct_id,
        assumed_by=principals.service(service),
        inline_policies={"Access": iam.PolicyDocument(statements=statements)},
    )
    for permission in permissions:
        for resource in permission.resources:
            if "*" in resource:
                # cdk-nag writes references in this way.
                shown = resource.replace(Aws.ACCOUNT_ID, "<AWS::AccountId>")
                acknowledge(built, f"AwsSolutions-IAM5[Resource::{shown}]", permission.wildcard)
    return built


def telemetry(target: Target, function_name: str) -> tuple[Permission, ...]:
    """Every function writes its own logs and traces."""
    streams = target.arn("logs", f"log-group:/aws/lambda/{function_name}:*")
    return (
        allow(["logs:CreateLogStream", "logs:PutLogEvents"], streams, wildcard="Lambda names the log streams."),
        allow(["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "*", wildcard="X-Ray has no resources to name."),
    )


def tables(target: Target, spec: FunctionSpec) -> tuple[Permission, ...]:
    """Item access to the tables a function declares, and queries on their indexes. Never a scan."""

    def arns(paths: Iterable[str]) -> list[str]:
        return [target.arn("dynamodb", f"table/{target.named(path)}") for path in paths]

    readable = sorted({*spec.reads, *spec.writes})
    permissions: list[Permission] = []
    if readable:
        indexes = [f"{name}/index/{index}" for name in readable for index in _INDEXES[name]]
        permissions.append(allow(READ_ACTIONS, *arns([*readable, *indexes])))
    if spec.writes:
        permissions.append(allow(WRITE_ACTIONS, *arns(sorted(spec.writes))))
    return tuple(permissions)
