"""A second copy of every original and rendition, in another region."""

from aws_cdk import Duration, Environment, RemovalPolicy, Stack
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infrastructure.nag import acknowledge
from infrastructure.permissions import allow, role
from infrastructure.target import Target

# Of former versions, as in the first region.
KEPT = Duration.days(30)


class ReplicaStack(Stack):
    """The bucket that receives the copies."""

    def __init__(self, scope: Construct, construct_id: str, *, target: Target) -> None:
        super().__init__(scope, construct_id, env=Environment(region=target.replica_region))
        bucket = s3.Bucket(
            self,
            "Media",
            bucket_name=target.replica_bucket,
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            versioned=True,
            lifecycle_rules=[s3.LifecycleRule(noncurrent_version_expiration=KEPT)],
            removal_policy=RemovalPolicy.RETAIN,
        )
        acknowledge(bucket, "AwsSolutions-S1", "Nobody but S3's replication writes here, and nobody reads.")


def replicate(bucket: s3.CfnBucket, target: Target) -> None:
    """Copy everything in a versioned bucket to the replica: objects, tags, and deletions."""
    source, copy = target.bucket_arn("media"), f"arn:aws:s3:::{target.replica_bucket}"
    every = "Every object is copied."
    replication = role(
        bucket,
        "Replication",
        service="s3",
        permissions=[
            allow(["s3:GetReplicationConfiguration", "s3:ListBucket"], source),
            allow(
                ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"],
                f"{source}/*",
                wildcard=every,
            ),
            allow(["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"], f"{copy}/*", wildcard=every),
        ],
    )
    bucket.replication_configuration = s3.CfnBucket.ReplicationConfigurationProperty(
        role=replication.role_arn,
        rules=[
            s3.CfnBucket.ReplicationRuleProperty(
                id="everything",
                status="Enabled",
                priority=1,
                filter=s3.CfnBucket.ReplicationRuleFilterProperty(prefix=""),
                delete_marker_replication=s3.CfnBucket.DeleteMarkerReplicationProperty(status="Enabled"),
                destination=s3.CfnBucket.ReplicationDestinationProperty(
                    bucket=copy, storage_class="INTELLIGENT_TIERING"
                ),
            )
        ],
    )
