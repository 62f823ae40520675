"""What a function receives for each `Use`: the settings it reads, and no more permissions than it needs for them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from aws_cdk import aws_iam as iam

from infrastructure.catalogue import FANOUT_QUEUE, FunctionSpec, Secret, Use
from infrastructure.target import Target

READ_ACTIONS = ("dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:ConditionCheckItem")
WRITE_ACTIONS = ("dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem")
STREAM_ACTIONS = ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator")


@dataclass(frozen=True)
class Access:
    """Settings (environment variables) with the permissions that make them usable."""

    environment: Mapping[str, str] = field(default_factory=dict)
    statements: tuple[iam.PolicyStatement, ...] = ()


Offers = Mapping[Use, Access]


def allow(actions: Iterable[str], *resources: str) -> iam.PolicyStatement:
    return iam.PolicyStatement(actions=list(actions), resources=list(resources))


def tables(target: Target, spec: FunctionSpec) -> tuple[iam.PolicyStatement, ...]:
    """Item access to the tables a function declares, and queries on their indexes. Never a scan."""

    def arns(names: Iterable[str]) -> list[str]:
        roots = [target.arn("dynamodb", f"table/{target.named(name)}") for name in sorted(set(names))]
        return [arn for root in roots for arn in (root, f"{root}/index/*")]

    statements: list[iam.PolicyStatement] = []
    if spec.reads or spec.writes:
        statements.append(allow(READ_ACTIONS, *arns((*spec.reads, *spec.writes))))
    if spec.writes:
        statements.append(allow(WRITE_ACTIONS, *arns(spec.writes)))
    return tuple(statements)


def tokens(target: Target, key_arn: str) -> Access:
    return Access({"SIGNING_KEY_IDS": key_arn, "ISSUER": target.issuer}, (allow(["kms:GetPublicKey"], key_arn),))


def signing(key_arn: str) -> Access:
    return Access({}, (allow(["kms:Sign"], key_arn),))


def secret(target: Target, setting: str, name: Secret) -> Access:
    """Secrets Manager appends six characters to the name in the ARN."""
    physical = target.named(name)
    arn = target.arn("secretsmanager", f"secret:{physical}-??????")
    return Access({setting: physical}, (allow(["secretsmanager:GetSecretValue"], arn),))


def cursors(target: Target) -> Access:
    return secret(target, "CURSOR_SECRET", Secret.CURSORS)


def mail(target: Target) -> Access:
    # An emulator knows no identity ARN for SendEmail.
    identity = "*" if target.local else target.arn("ses", f"identity/{target.mail_sender.partition('@')[2]}")
    environment = {
        "MAIL_SENDER": target.mail_sender,
        "REQUIRE_CONFIRMATION": "false" if target.local else "true",
    }
    return Access(environment, (allow(["ses:SendEmail"], identity),))


def media_urls(target: Target, base_url: str) -> Access:
    """CDN URLs need the secret that the edge checks; presigned ones the right to read what they point at."""
    environment = {"MEDIA_DELIVERY": target.media_delivery, "MEDIA_BUCKET": target.bucket("media")}
    if target.media_delivery == "cdn":
        key = secret(target, "MEDIA_SECRET", Secret.MEDIA)
        return Access({**environment, "MEDIA_BASE_URL": base_url, **key.environment}, key.statements)
    if target.gateway:
        environment["S3_PUBLIC_ENDPOINT"] = target.gateway
    return Access(environment, (allow(["s3:GetObject"], objects(target, "media", "m/*")),))


def upload_forms(target: Target) -> Access:
    environment = {"UPLOADS_BUCKET": target.bucket("uploads")}
    if target.gateway:
        environment["S3_PUBLIC_ENDPOINT"] = target.gateway
    return Access(environment, (allow(["s3:PutObject"], objects(target, "uploads", "uploads/*")),))


def uploads(target: Target) -> Access:
    return Access(
        {"UPLOADS_BUCKET": target.bucket("uploads")},
        (
            allow(["s3:GetObject", "s3:DeleteObject"], objects(target, "uploads", "uploads/*")),
            _listing(target, "uploads"),
        ),
    )


def renditions(target: Target) -> Access:
    return Access(
        {"MEDIA_BUCKET": target.bucket("media")},
        (allow(["s3:GetObject", "s3:PutObject"], *_media_objects(target)), _listing(target, "media")),
    )


def erase_media(target: Target) -> Access:
    return Access(
        {"MEDIA_BUCKET": target.bucket("media")},
        (allow(["s3:DeleteObject"], *_media_objects(target)), _listing(target, "media")),
    )


def bus(target: Target) -> Access:
    return Access(
        {"EVENT_BUS": target.namespace},
        (allow(["events:PutEvents"], target.arn("events", f"event-bus/{target.namespace}")),),
    )


def fanout(target: Target) -> Access:
    name = target.named(FANOUT_QUEUE)
    return Access({"FANOUT_QUEUE_URL": target.queue_url(name)}, (allow(["sqs:SendMessage"], target.arn("sqs", name)),))


def search(endpoint: str, domain_arn: str) -> Access:
    # _search and _count with a body are POSTs.
    return Access(
        {"SEARCH_ENDPOINT": endpoint}, (allow(["es:ESHttpGet", "es:ESHttpHead", "es:ESHttpPost"], f"{domain_arn}/*"),)
    )


def indexing(endpoint: str, domain_arn: str) -> Access:
    actions = ["es:ESHttpGet", "es:ESHttpHead", "es:ESHttpPost", "es:ESHttpPut", "es:ESHttpDelete"]
    return Access({"SEARCH_ENDPOINT": endpoint}, (allow(actions, f"{domain_arn}/*"),))


def queue(queue_arn: str) -> iam.PolicyStatement:
    """What Lambda needs to drain a queue on a function's behalf."""
    return allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], queue_arn)


def objects(target: Target, purpose: str, pattern: str) -> str:
    return f"arn:aws:s3:::{target.bucket(purpose)}/{pattern}"


def _media_objects(target: Target) -> tuple[str, str]:
    return objects(target, "media", "m/*"), objects(target, "media", "originals/*")


def _listing(target: Target, purpose: str) -> iam.PolicyStatement:
    """Without it S3 answers 403, not 404, for an object that is not there: a late duplicate would look like a fault."""
    return allow(["s3:ListBucket"], f"arn:aws:s3:::{target.bucket(purpose)}")
