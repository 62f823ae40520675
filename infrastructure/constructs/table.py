"""A DynamoDB table as every aggregate has it."""

from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from constructs import Construct

from infrastructure.tables import TableSpec
from infrastructure.target import Target


class Table(Construct):
    """On demand, streamed with both images, expiring by TTL, recoverable to any second of the last 35 days.

    It is a global table of one region, so that more regions can be added without moving data.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, target: Target, spec: TableSpec, key: kms.IKey | None
    ) -> None:
        super().__init__(scope, construct_id)
        self.spec = spec
        self.table = dynamodb.TableV2(
            self,
            "Table",
            table_name=target.named(spec.name),
            partition_key=_key(spec.partition),
            sort_key=_key(spec.sort) if spec.sort else None,
            billing=dynamodb.Billing.on_demand(),
            dynamo_stream=dynamodb.StreamViewType.NEW_AND_OLD_IMAGES if spec.stream else None,
            time_to_live_attribute=spec.ttl,
            encryption=dynamodb.TableEncryptionV2.customer_managed_key(key) if key else None,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=target.for_production
            ),
            deletion_protection=target.for_production,
            removal_policy=target.removal_policy,
        )
        for index in spec.indexes:
            self.table.add_global_secondary_index(
                index_name=index.name,
                partition_key=_key(index.partition),
                sort_key=_key(index.sort),
                projection_type=dynamodb.ProjectionType.KEYS_ONLY if index.keys_only else dynamodb.ProjectionType.ALL,
            )

    @property
    def stream_arn(self) -> str:
        """The one name that cannot be known in advance: it carries the time of its making."""
        if self.table.table_stream_arn is None:
            raise ValueError(f"table {self.spec.name} has no stream")
        return self.table.table_stream_arn


def _key(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)
