"""Search: the OpenSearch domain, and the consumers that feed it. DynamoDB stays the truth; the index can be rebuilt."""

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_opensearchservice as opensearch
from constructs import Construct

from infrastructure import access, principals
from infrastructure.catalogue import INDEXERS
from infrastructure.code import StackCode
from infrastructure.constructs.queue_consumer import QueueConsumer
from infrastructure.nag import acknowledge
from infrastructure.specs import Use
from infrastructure.target import Target

ENGINE = "OpenSearch_2.19"
NODES = 3
NODE_TYPE = "r7g.large.search"
MASTER_TYPE = "m7g.large.search"
VOLUME_GB = 100
LOGS = ("SEARCH_SLOW_LOGS", "INDEX_SLOW_LOGS", "ES_APPLICATION_LOGS")


class DiscoveryStack(Stack):
    def __init__(self, scope: Construct, construct_id: str, *, target: Target) -> None:
        super().__init__(scope, construct_id, env=target.environment)
        self._target = target
        self.domain_name = target.named("search")
        self.domain_arn = target.arn("es", f"domain/{self.domain_name}")
        domain = self._clustered_domain() if target.for_production else self._bare_domain()
        self.endpoint = target.https(domain.attr_domain_endpoint)
        code = StackCode(self, target)
        offers = {Use.INDEXING: access.indexing(target, self.endpoint, self.domain_arn)}
        for consumer in INDEXERS:
            QueueConsumer(self, consumer.function.full_name, target=target, consumer=consumer, code=code, offers=offers)

    def _bare_domain(self) -> opensearch.CfnDomain:
        return opensearch.CfnDomain(self, "Domain", domain_name=self.domain_name, engine_version=ENGINE)

    def _clustered_domain(self) -> opensearch.CfnDomain:
        """Three zones, own masters, encrypted everywhere, signed requests only."""
        log_group, allowed = self._logs()
        domain = opensearch.CfnDomain(
            self,
            "Domain",
            domain_name=self.domain_name,
            engine_version=ENGINE,
            cluster_config=opensearch.CfnDomain.ClusterConfigProperty(
                instance_type=NODE_TYPE,
                instance_count=NODES,
                dedicated_master_enabled=True,
                dedicated_master_type=MASTER_TYPE,
                dedicated_master_count=3,
                zone_awareness_enabled=True,
                zone_awareness_config=opensearch.CfnDomain.ZoneAwarenessConfigProperty(availability_zone_count=3),
            ),
            ebs_options=opensearch.CfnDomain.EBSOptionsProperty(
                ebs_enabled=True, volume_type="gp3", volume_size=VOLUME_GB
            ),
            encryption_at_rest_options=opensearch.CfnDomain.EncryptionAtRestOptionsProperty(enabled=True),
            node_to_node_encryption_options=opensearch.CfnDomain.NodeToNodeEncryptionOptionsProperty(enabled=True),
            domain_endpoint_options=opensearch.CfnDomain.DomainEndpointOptionsProperty(
                enforce_https=True, tls_security_policy="Policy-Min-TLS-1-2-PFS-2023-10"
            ),
            access_policies=iam.PolicyDocument(
                statements=[
                    iam.PolicyStatement(
                        principals=[principals.this_account()],
                        actions=["es:ESHttp*"],
                        resources=[f"{self.domain_arn}/*"],
                    )
                ]
            ),
            log_publishing_options={
                kind: opensearch.CfnDomain.LogPublishingOptionProperty(
                    enabled=True, cloud_watch_logs_log_group_arn=log_group.log_group_arn
                )
                for kind in LOGS
            },
        )
        domain.add_resource_dependency(allowed)
        domain.apply_removal_policy(RemovalPolicy.RETAIN)
        acknowledge(
            domain,
            "AwsSolutions-OS1",
            "In a VPC the functions would need network interfaces and NAT; the endpoint answers signed requests "
            "of this account only.",
        )
        acknowledge(
            domain,
            "AwsSolutions-OS3",
            "Functions have no fixed addresses to list; access is by request signature, per role.",
        )
        return domain

    def _logs(self) -> tuple[logs.LogGroup, logs.CfnResourcePolicy]:
        log_group = logs.LogGroup(self, "DomainLogs", retention=logs.RetentionDays.ONE_MONTH)
        allowed = logs.CfnResourcePolicy(
            self,
            "DomainLogsPolicy",
            policy_name=self.domain_name,
            policy_document=self.to_json_string(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"Service": "es.amazonaws.com"},
                            "Action": ["logs:PutLogEvents", "logs:CreateLogStream"],
                            "Resource": log_group.log_group_arn,
                            "Condition": {"StringEquals": {"aws:SourceAccount": self.account}},
                        }
                    ],
                }
            ),
        )
        return log_group, allowed
