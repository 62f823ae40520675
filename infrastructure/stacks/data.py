"""Records: one table per aggregate, encrypted with a key of our own."""

from typing import cast

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from infrastructure import principals
from infrastructure.constructs.table import Table
from infrastructure.tables import TABLES
from infrastructure.target import Target


class DataStack(Stack):
    def __init__(self, scope: Construct, construct_id: str, *, target: Target) -> None:
        super().__init__(scope, construct_id, env=target.environment)
        key = self._key(target) if target.for_production else None
        self.tables = {spec.name: Table(self, _title(spec.name), target=target, spec=spec, key=key) for spec in TABLES}

    def stream_arn(self, table: str) -> str:
        return self.tables[table].stream_arn

    def _key(self, target: Target) -> kms.IKey:
        key = kms.Key(
            self,
            "Key",
            alias=target.named("records"),
            description="Encrypts the records of the platform",
            enable_key_rotation=True,
            removal_policy=target.removal_policy,
        )
        # Whoever may use a table may use its key, through DynamoDB only. Permissions stay with the tables.
        key.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[principals.anybody()],
                actions=["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
                resources=["*"],
                conditions={
                    "StringEquals": {
                        "kms:ViaService": f"dynamodb.{self.region}.amazonaws.com",
                        "kms:CallerAccount": self.account,
                    }
                },
            )
        )
        # For the type checker alone: see infrastructure/principals.py.
        return cast("kms.IKey", key)


def _title(name: str) -> str:
    return "".join(part.title() for part in name.split("-"))
