"""Pictures: the quarantine they are uploaded to, the bucket they are kept in, and the functions between the two."""

from aws_cdk import Duration, Stack
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infrastructure import access
from infrastructure.catalogue import DISPATCHER, MODERATOR, RESIZERS
from infrastructure.code import StackCode
from infrastructure.constructs.malware_protection import MalwareProtection
from infrastructure.constructs.python_function import PythonFunction
from infrastructure.constructs.queue_consumer import QueueConsumer
from infrastructure.nag import acknowledge
from infrastructure.specs import Use
from infrastructure.stacks.live import LiveStack
from infrastructure.stacks.replica import replicate
from infrastructure.target import Target

UPLOAD_PREFIX = "uploads/"
RETIRED = {"replaced": "true"}


class MediaStack(Stack):
    def __init__(self, scope: Construct, construct_id: str, *, target: Target, live: LiveStack) -> None:
        super().__init__(scope, construct_id, env=target.environment)
        offers = {
            Use.UPLOADS: access.uploads(target),
            Use.RENDITIONS: access.renditions(target),
            Use.ERASE_MEDIA: access.erase_media(target),
            Use.PHOTO_QUEUES: access.photo_queues(target),
            Use.SCANNING: access.scanning(target),
            Use.MODERATION: access.moderation(target),
            Use.LIVE: access.live(target, live.appconfig, access.MODERATION),
            Use.VIDEO_MACHINE: access.video_machine(target),
        }
        code = StackCode(self, target)
        for consumer in RESIZERS:
            QueueConsumer(self, consumer.function.full_name, target=target, consumer=consumer, code=code, offers=offers)
        self.dispatcher = QueueConsumer(self, "Dispatch", target=target, consumer=DISPATCHER, code=code, offers=offers)
        PythonFunction(self, "Moderate", target=target, spec=MODERATOR, code=code, offers={})
        logs = self._access_logs(target) if target.for_production else None
        self.uploads = self._uploads(target, logs)
        self.media = self._media(target, logs)

    def _uploads(self, target: Target, logs: s3.Bucket | None) -> s3.Bucket:
        bucket = s3.Bucket(
            self,
            "Uploads",
            bucket_name=target.bucket("uploads"),
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=target.for_production,
            lifecycle_rules=[
                s3.LifecycleRule(expiration=Duration.days(1), abort_incomplete_multipart_upload_after=Duration.days(1))
            ],
            cors=[
                s3.CorsRule(
                    allowed_methods=[s3.HttpMethods.POST, s3.HttpMethods.PUT],
                    allowed_origins=[target.cors_origin],
                    allowed_headers=["*"],
                    exposed_headers=["ETag"],
                )
            ],
            server_access_logs_bucket=logs,
            server_access_logs_prefix="uploads/" if logs else None,
            removal_policy=target.removal_policy,
        )
        self._announce(bucket, target)
        return bucket

    def _announce(self, bucket: s3.Bucket, target: Target) -> None:
        """Videos by the bus: see stacks/video.py. Photos once GuardDuty has scanned them; where there is none, at once.

        By the L1 property: the L2 method would bring a custom resource.
        """
        resource = bucket.node.default_child
        if not isinstance(resource, s3.CfnBucket):
            raise TypeError("the uploads bucket is not what it was")
        bus = s3.CfnBucket.EventBridgeConfigurationProperty(event_bridge_enabled=True)
        if target.for_production:
            notification = s3.CfnBucket.NotificationConfigurationProperty(event_bridge_configuration=bus)
            MalwareProtection(
                self, "Malware", target=target, bucket=bucket, prefix=UPLOAD_PREFIX, consumer=self.dispatcher
            )
        else:
            notification = s3.CfnBucket.NotificationConfigurationProperty(
                event_bridge_configuration=bus, queue_configurations=[self._photos()]
            )
            # By name: the bucket waits for the policy that this becomes, because S3 tests the queue.
            self.dispatcher.receive_from("s3", target.bucket_arn("uploads"))
            resource.node.add_dependency(self.dispatcher.queue.node.find_child("Policy"))
        resource.notification_configuration = notification

    def _photos(self) -> s3.CfnBucket.QueueConfigurationProperty:
        prefix = s3.CfnBucket.FilterRuleProperty(name="prefix", value=UPLOAD_PREFIX)
        return s3.CfnBucket.QueueConfigurationProperty(
            event="s3:ObjectCreated:*",
            queue=self.dispatcher.queue.queue_arn,
            filter=s3.CfnBucket.NotificationFilterProperty(s3_key=s3.CfnBucket.S3KeyFilterProperty(rules=[prefix])),
        )

    def _media(self, target: Target, logs: s3.Bucket | None) -> s3.Bucket:
        bucket = s3.Bucket(
            self,
            "Media",
            bucket_name=target.bucket("media"),
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            versioned=True,
            lifecycle_rules=[
                s3.LifecycleRule(noncurrent_version_expiration=Duration.days(30)),
                # Renditions of former edits, which nobody is given URLs of any more.
                s3.LifecycleRule(tag_filters=RETIRED, expiration=Duration.days(1)),
            ],
            server_access_logs_bucket=logs,
            server_access_logs_prefix="media/" if logs else None,
            removal_policy=target.removal_policy,
        )
        resource = bucket.node.default_child
        if target.replica_region and isinstance(resource, s3.CfnBucket):
            replicate(resource, target)
        acknowledge(
            bucket,
            "AwsSolutions-S10",
            "The delivery stack owns this bucket's policy, with the TLS rule in it, because it names the distribution.",
        )
        return bucket

    def _access_logs(self, target: Target) -> s3.Bucket:
        bucket = s3.Bucket(
            self,
            "AccessLogs",
            bucket_name=target.bucket("access-logs"),
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            lifecycle_rules=[s3.LifecycleRule(expiration=Duration.days(90))],
            removal_policy=target.removal_policy,
        )
        acknowledge(bucket, "AwsSolutions-S1", "The bucket that receives access logs cannot log to itself.")
        return bucket
