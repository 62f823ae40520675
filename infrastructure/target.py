"""Where the app is deployed, and everything that depends on it: the one place that knows about emulators."""

import os
from dataclasses import dataclass
from typing import Literal

from aws_cdk import Aws, Environment, RemovalPolicy
from constructs import Node

# API Gateway's stage; routes carry the version.
STAGE = "prod"

MediaDelivery = Literal["cdn", "presigned"]


@dataclass(frozen=True)
class Target:
    """The choices that differ between AWS and a local cloud.

    On a local cloud functions run in the emulator's own interpreter, over plain HTTP, and their data may go any time.
    """

    local: bool
    namespace: str
    region: str
    # The emulator's address as a client sees it; None on AWS, where the SDK finds its own way.
    gateway: str | None
    # Only a local cloud may lack CloudFront; media are then presigned.
    cdn: bool
    media_delivery: MediaDelivery
    # Where the second copy of all media is; None on a local cloud, which is one region.
    replica_region: str | None
    issuer: str
    cors_origin: str
    mail_sender: str
    # Whether pictures are made as AVIF too: a fifth fewer bytes on the way, half as much work again.
    avif: bool
    # Numbers of the keys that verify access tokens; the first one signs (docs/operations/keys.md).
    signing_keys: tuple[int, ...]
    # A made-up layer in place of `make layers`' output: for template tests only.
    placeholder_layers: bool = False

    @classmethod
    def of(cls, node: Node) -> "Target":
        """Read the app's context; every key of it is read here."""

        def value(key: str, default: str) -> str:
            return str(node.try_get_context(key) or default)

        name = value("target", "aws")
        if name not in ("aws", "local"):
            raise ValueError(f"context target={name}: expected aws or local")
        local = name == "local"
        namespace = value("namespace", "heliograph")
        delivery = value("mediaDelivery", "presigned" if local else "cdn")
        if delivery not in ("cdn", "presigned"):
            raise ValueError(f"context mediaDelivery={delivery}: expected cdn or presigned")
        region = value("region", os.environ.get("CDK_DEFAULT_REGION", "us-east-1"))
        replica = None if local else value("replicaRegion", "us-west-2")
        if replica == region:
            raise ValueError(f"context replicaRegion={replica}: expected another region than {region}")
        cdn = value("cdn", "true") == "true"
        if not cdn and not (local and delivery == "presigned"):
            raise ValueError("context cdn=false: expected target=local and mediaDelivery=presigned")
        return cls(
            local=local,
            namespace=namespace,
            region=region,
            replica_region=replica,
            gateway=value("gateway", "http://localhost:4566") if local else None,
            cdn=cdn,
            media_delivery=delivery,
            issuer=value("issuer", namespace),
            cors_origin=value("corsOrigin", "*"),
            mail_sender=value("mailSender", f"no-reply@{namespace}.example"),
            avif=value("avif", "false") == "true",
            signing_keys=tuple(int(number) for number in value("signingKeys", "1").split(",")),
            placeholder_layers=bool(node.try_get_context("placeholderLayers")),
        )

    @property
    def environment(self) -> Environment:
        """The region is named, because a global table must know its first; the account is whoever deploys."""
        return Environment(region=self.region)

    @property
    def for_production(self) -> bool:
        """Own encryption keys, TLS only, firewall, access logs, backups, alarms: what an emulator lacks or ignores."""
        return not self.local

    @property
    def third_party_layers(self) -> bool:
        """Local functions import from the emulator's interpreter; arm64 wheels on their path would shadow those."""
        return not self.local

    @property
    def people_per_address(self) -> int:
        """Multiplies the rate limits of an address: on a local cloud a whole community comes from one."""
        return 1000 if self.local else 1

    @property
    def removal_policy(self) -> RemovalPolicy:
        return RemovalPolicy.DESTROY if self.local else RemovalPolicy.RETAIN

    @property
    def receive_count(self) -> int:
        """Deliveries of a message before it is set aside in its dead-letter queue."""
        return 3 if self.local else 5

    @property
    def stream_retries(self) -> int:
        """Repetitions of a batch of a table's stream before it is set aside."""
        return 3 if self.local else 10

    @property
    def deletion_grace_seconds(self) -> int:
        """How long an account that was deleted can be taken back. Locally, a person (or a test) waits for the end."""
        return 10 if self.local else 30 * 24 * 3600

    def timeout_seconds(self, asked: int) -> int:
        """Locally short, because the queues' visibility follows it, and a person waits for the retries."""
        return min(asked, 20) if self.local else asked

    def concurrency(self, asked: int | None) -> int | None:
        """Batches of one queue in work at once; None: as many as there are.

        A laptop has few cores, and each worker is a process that takes seconds to start: the least that AWS allows.
        """
        return 2 if self.local else asked

    def visibility_seconds(self, asked_timeout: int) -> int:
        """Six times the function's time-out, as Lambda asks, so that a throttled batch is not delivered twice."""
        return self.timeout_seconds(asked_timeout) * (1 if self.local else 6)

    def named(self, name: str) -> str:
        """The physical name of a table, queue or function. Deterministic, so stacks need no exports for it."""
        return f"{self.namespace}-{name}"

    def live_parameter(self, document: str) -> str:
        """The SSM parameter that holds a live document on a local cloud."""
        return f"/{self.namespace}/live/{document}"

    def bucket(self, purpose: str) -> str:
        """Bucket names are shared by all of AWS, hence the account and the region."""
        return f"{self.namespace}-{purpose}-{Aws.ACCOUNT_ID}-{self.region}"

    @property
    def replica_bucket(self) -> str:
        return f"{self.namespace}-media-{Aws.ACCOUNT_ID}-{self.replica_region}"

    def bucket_arn(self, purpose: str) -> str:
        return f"arn:aws:s3:::{self.bucket(purpose)}"

    def arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{self.region}:{Aws.ACCOUNT_ID}:{resource}"

    def state_machine_arn(self, name: str) -> str:
        return self.arn("states", f"stateMachine:{self.named(name)}")

    @property
    def api_url(self) -> str:
        """Where a local cloud serves the API; nothing on AWS, where API Gateway chooses the name."""
        return f"{self.gateway}/_aws/execute-api/{self.namespace}/{STAGE}" if self.gateway else ""

    def queue_url(self, name: str) -> str:
        host = self.gateway or f"https://sqs.{self.region}.amazonaws.com"
        return f"{host}/{Aws.ACCOUNT_ID}/{name}"

    def https(self, domain: str) -> str:
        """The URL of a managed endpoint: plain HTTP on a local cloud."""
        return f"{'http' if self.local else 'https'}://{domain}"
