"""Delivery: the CDN in front of the media bucket. Every request carries a short token, which the edge checks."""

from urllib.parse import urlsplit

from aws_cdk import Fn, SecretValue, Stack
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infrastructure import principals
from infrastructure.code import ROOT
from infrastructure.nag import acknowledge
from infrastructure.specs import Secret
from infrastructure.target import Target

EDGE = ROOT / "infrastructure" / "edge"
# AWS-managed policies: cache by path alone (the token is not part of the key), and CORS with security headers.
CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
CORS_AND_SECURITY_HEADERS = "e61eb60c-9c35-4d20-a928-2b84e02af89c"
MEDIA = "media"


class DeliveryStack(Stack):
    def __init__(self, scope: Construct, construct_id: str, *, target: Target) -> None:
        super().__init__(scope, construct_id, env=target.environment)
        self._target = target
        self.distribution = self._distribution(self._token_check(), self._vary())
        self.domain = self.distribution.attr_domain_name
        self._bucket_policy()

    @property
    def base_url(self) -> str:
        """Where viewers fetch media. A local cloud serves the distribution below its own address."""
        if self._target.gateway is None:
            return f"https://{self.domain}"
        label = Fn.select(0, Fn.split(".", self.domain))
        gateway = urlsplit(self._target.gateway)
        return f"{gateway.scheme}://{label}.cloudfront.{gateway.netloc}"

    def _token_check(self) -> cloudfront.CfnFunction:
        """On AWS the secret is in a key-value store: not in the code, and rotated without a deployment."""
        name = self._target.named("media-token")
        if self._target.local:
            reference = SecretValue.secrets_manager(self._target.named(Secret.MEDIA)).unsafe_unwrap()
            secrets, stores = _source("secrets_inline.js").replace("%SECRET%", reference), None
        else:
            store = cloudfront.CfnKeyValueStore(
                self, "MediaSecrets", name=name, comment="Secrets that media tokens are checked with"
            )
            secrets = _source("secrets_in_store.js")
            stores = [cloudfront.CfnFunction.KeyValueStoreAssociationProperty(key_value_store_arn=store.attr_arn)]
        return cloudfront.CfnFunction(
            self,
            "TokenCheck",
            name=name,
            auto_publish=True,
            function_code=f"{secrets}\n{_source('media_token.js')}",
            function_config=cloudfront.CfnFunction.FunctionConfigProperty(
                comment="Checks the token of a media URL",
                runtime="cloudfront-js-2.0",
                key_value_store_associations=stores,
            ),
        )

    def _vary(self) -> cloudfront.CfnFunction:
        """Caches between the edge and the viewer must keep one copy for each kind of viewer."""
        return cloudfront.CfnFunction(
            self,
            "Vary",
            name=self._target.named("media-vary"),
            auto_publish=True,
            function_code=_source("vary.js"),
            function_config=cloudfront.CfnFunction.FunctionConfigProperty(
                comment="Says that pictures depend on Accept", runtime="cloudfront-js-2.0"
            ),
        )

    def _distribution(
        self, token_check: cloudfront.CfnFunction, vary: cloudfront.CfnFunction
    ) -> cloudfront.CfnDistribution:
        origin_access = cloudfront.CfnOriginAccessControl(
            self,
            "OriginAccess",
            origin_access_control_config=cloudfront.CfnOriginAccessControl.OriginAccessControlConfigProperty(
                name=self._target.named(MEDIA),
                origin_access_control_origin_type="s3",
                signing_behavior="always",
                signing_protocol="sigv4",
            ),
        )
        distribution = cloudfront.CfnDistribution(
            self,
            "Distribution",
            distribution_config=cloudfront.CfnDistribution.DistributionConfigProperty(
                enabled=True,
                comment=f"{self._target.namespace} media",
                http_version="http2and3",
                ipv6_enabled=True,
                origins=[
                    cloudfront.CfnDistribution.OriginProperty(
                        id=MEDIA,
                        domain_name=f"{self._target.bucket(MEDIA)}.s3.{self.region}.amazonaws.com",
                        origin_access_control_id=origin_access.attr_id,
                        s3_origin_config=cloudfront.CfnDistribution.S3OriginConfigProperty(origin_access_identity=""),
                    )
                ],
                default_cache_behavior=cloudfront.CfnDistribution.DefaultCacheBehaviorProperty(
                    target_origin_id=MEDIA,
                    viewer_protocol_policy="allow-all" if self._target.local else "https-only",
                    allowed_methods=["GET", "HEAD", "OPTIONS"],
                    cache_policy_id=CACHING_OPTIMIZED,
                    response_headers_policy_id=CORS_AND_SECURITY_HEADERS,
                    function_associations=[
                        cloudfront.CfnDistribution.FunctionAssociationProperty(
                            event_type="viewer-request", function_arn=token_check.attr_function_arn
                        ),
                        cloudfront.CfnDistribution.FunctionAssociationProperty(
                            event_type="viewer-response", function_arn=vary.attr_function_arn
                        ),
                    ],
                ),
            ),
        )
        for rule, reason in (
            ("AwsSolutions-CFR1", "The platform is for all countries."),
            (
                "AwsSolutions-CFR2",
                "Only reads with a valid token pass the viewer-request function; there is nothing to inject.",
            ),
            ("AwsSolutions-CFR3", "An access log would list who looked at whose pictures; metrics suffice."),
            (
                "AwsSolutions-CFR4",
                "CloudFront's own certificate sets its own minimum; a deployment's own domain raises it.",
            ),
        ):
            acknowledge(distribution, rule, reason)
        return distribution

    def _bucket_policy(self) -> None:
        """The distribution, and nobody else by way of CloudFront, reads renditions. Originals stay where they are."""
        bucket = self._target.bucket_arn(MEDIA)
        statements = [
            iam.PolicyStatement(
                principals=[principals.service("cloudfront")],
                actions=["s3:GetObject"],
                resources=[f"{bucket}/m/*"],
                conditions={
                    "StringEquals": {
                        "AWS:SourceArn": f"arn:aws:cloudfront::{self.account}:distribution/{self.distribution.ref}"
                    }
                },
            )
        ]
        if self._target.for_production:
            statements.append(
                iam.PolicyStatement(
                    effect=iam.Effect.DENY,
                    principals=[principals.anybody()],
                    actions=["s3:*"],
                    resources=[bucket, f"{bucket}/*"],
                    conditions={"Bool": {"aws:SecureTransport": "false"}},
                )
            )
        policy = s3.CfnBucketPolicy(
            self,
            "MediaBucketPolicy",
            bucket=self._target.bucket(MEDIA),
            policy_document=iam.PolicyDocument(statements=statements),
        )
        acknowledge(
            policy,
            "AwsSolutions-S10",
            "The Deny statement requires TLS; the rule recognises it only where the bucket is in the same stack.",
        )


def _source(name: str) -> str:
    return (EDGE / name).read_text()
