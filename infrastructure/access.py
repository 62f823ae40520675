"""What a function receives for each `Use`: the settings it reads, and no more permissions than it needs for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from infrastructure.catalogue import (
    ALL_CONSUMERS,
    FANOUT_MANY_QUEUE,
    FANOUT_QUEUE,
    FIRST_QUEUE,
    MODERATOR,
    PHOTOS_QUEUE,
    REQUESTS_QUEUE,
)  # fmt: skip
from infrastructure.permissions import Permission, allow
from infrastructure.specs import Secret, Use
from infrastructure.target import Target
from infrastructure.video_workflow import VIDEO
from infrastructure.workflows import EXPORT_STEPS, Machine

SEARCH_ACTIONS = ("es:ESHttpGet", "es:ESHttpHead", "es:ESHttpPost")  # a search with a body is a POST
INDEX_ACTIONS = (*SEARCH_ACTIONS, "es:ESHttpPut", "es:ESHttpDelete")
# The live documents of `heliograph.load`, `functions.media.moderation`, `functions.feed.hybrid` and `.weights`, and
# `functions.discovery.explore_weights`.
LOAD = "load"
MODERATION = "moderation"
FEED = "feed"
RANKING = "ranking"
EXPLORE = "explore"
UPLOADED = ("uploads/*", "videos/*")
ONE_OBJECT_EACH = "Objects are named by the ids of what they belong to."


@dataclass(frozen=True)
class Access:
    """Settings (environment variables) with the permissions that make them usable."""

    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    permissions: tuple[Permission, ...] = ()


Offers = Mapping[Use, Access]


@dataclass(frozen=True)
class AppConfigIds:
    """Where AppConfig keeps live documents; known only after deployment. `profiles`: by document."""

    application: str
    environment: str
    profiles: Mapping[str, str]
    strategy: str


def tokens(target: Target, key_arns: Sequence[str]) -> Access:
    """All keys verify; the order says which one signs."""
    environment = {"SIGNING_KEY_IDS": ",".join(key_arns), "ISSUER": target.issuer}
    return Access(environment, (allow(["kms:GetPublicKey"], *key_arns),))


def signing(target: Target, key_arns: Sequence[str]) -> Access:
    """Whoever signs tokens decides who may have one."""
    environment = {"REQUIRE_CONFIRMATION": "false" if target.local else "true"}
    return Access(environment, (allow(["kms:Sign"], key_arns[0]),))


def sealing(target: Target, key_arn: str) -> Access:
    """Data keys of the field key, and the secret under which sealed fields are looked up."""
    lookup = _secret(target, "LOOKUP_SECRET", Secret.LOOKUP)
    use_key = allow(["kms:GenerateDataKey", "kms:Decrypt"], key_arn)
    return Access({"FIELD_KEY": key_arn, **lookup.environment}, (use_key, *lookup.permissions))


def cursors(target: Target) -> Access:
    return _secret(target, "CURSOR_SECRET", Secret.CURSORS)


def mail(target: Target) -> Access:
    identity = "*" if target.local else target.arn("ses", f"identity/{target.mail_sender.partition('@')[2]}")
    return Access(
        {"MAIL_SENDER": target.mail_sender},
        (allow(["ses:SendEmail"], identity, wildcard="Emulators know no identity ARNs here."),),
    )


def media_urls(target: Target, base_url: str | None) -> Access:
    """CDN URLs need the secret that the edge checks; presigned ones the right to read what they point at.

    Without a CDN the API hands out playlists, under the token that the edge would check.
    """
    key = _secret(target, "MEDIA_SECRET", Secret.MEDIA)
    environment = {
        "MEDIA_DELIVERY": target.media_delivery,
        "MEDIA_BUCKET": target.bucket("media"),
        **key.environment,
    }
    if target.media_delivery == "cdn" and base_url:
        return Access({**environment, "MEDIA_BASE_URL": base_url}, key.permissions)
    reading = _objects(target, ["s3:GetObject"], "media", "m/*")
    return Access(
        {**environment, "PLAYLIST_BASE_URL": target.api_url, **_public_s3(target)}, (*key.permissions, reading)
    )


def upload_forms(target: Target) -> Access:
    """S3 lets a form do what its signer may."""
    return Access(
        {"UPLOADS_BUCKET": target.bucket("uploads"), **_public_s3(target)},
        (
            _objects(
                target,
                ["s3:PutObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload"],
                "uploads",
                *UPLOADED,
            ),
        ),
    )


def uploads(target: Target) -> Access:
    return Access(
        {"UPLOADS_BUCKET": target.bucket("uploads")},
        (
            _objects(target, ["s3:GetObject", "s3:DeleteObject"], "uploads", *UPLOADED),
            _listing(target, "uploads"),
        ),
    )


def scanning(target: Target) -> Access:
    """Where GuardDuty scans, what it found is on the object."""
    if target.local:
        return Access({"SCANNER": "structural"})
    return Access(
        {"SCANNER": "guardduty"},
        (_objects(target, ["s3:GetObjectTagging"], "uploads", *UPLOADED),),
    )


def moderation(target: Target) -> Access:
    if target.local:
        model = target.arn("lambda", f"function:{target.named(MODERATOR.full_name)}")
        return Access({"MODERATOR": "model"}, (allow(["lambda:InvokeFunction"], model),))
    return Access(
        {"MODERATOR": "rekognition"},
        (allow(["rekognition:DetectModerationLabels"], "*", wildcard="Rekognition has no resources to name."),),
    )


def renditions(target: Target) -> Access:
    return Access(
        {"MEDIA_BUCKET": target.bucket("media"), "AVIF": str(target.avif).lower()},
        (_objects(target, ["s3:GetObject", "s3:PutObject"], "media", "m/*", "originals/*"), _listing(target, "media")),
    )


def rerender(target: Target) -> Access:
    """Former renditions are copied onto themselves with a tag, which lets the lifecycle delete them."""
    in_place = ["s3:GetObject", "s3:GetObjectTagging", "s3:PutObject", "s3:PutObjectTagging"]
    return Access(
        {"MEDIA_BUCKET": target.bucket("media"), "AVIF": str(target.avif).lower()},
        (
            _objects(target, ["s3:GetObject"], "media", "originals/*"),
            _objects(target, in_place, "media", "m/*"),
            _listing(target, "media"),
        ),
    )


def erase_media(target: Target) -> Access:
    return Access(
        {"MEDIA_BUCKET": target.bucket("media")},
        (_objects(target, ["s3:DeleteObject"], "media", "m/*", "originals/*"), _listing(target, "media")),
    )


def erase_versions(target: Target) -> Access:
    # AWS asks for ListBucketVersions; an emulator asks for the name of the operation.
    listing = ["s3:ListBucketVersions", "s3:ListObjectVersions"] if target.local else ["s3:ListBucketVersions"]
    buckets, environment = [target.bucket_arn("media")], {"MEDIA_BUCKET": target.bucket("media")}
    if target.replica_region:
        # Removals of versions are not replicated.
        buckets.append(f"arn:aws:s3:::{target.replica_bucket}")
        environment |= {"REPLICA_BUCKET": target.replica_bucket, "REPLICA_REGION": target.replica_region}
    objects = [f"{bucket}/{pattern}" for bucket in buckets for pattern in ("m/*", "originals/*")]
    delete = ["s3:DeleteObject", "s3:DeleteObjectVersion"]
    return Access(environment, (allow(delete, *objects, wildcard=ONE_OBJECT_EACH), allow(listing, *buckets)))


def originals(target: Target) -> Access:
    return Access(
        {"MEDIA_BUCKET": target.bucket("media")},
        (_objects(target, ["s3:GetObject"], "media", "originals/*"), _listing(target, "media")),
    )


def export_parts(target: Target) -> Access:
    return Access(
        {"EXPORTS_BUCKET": target.bucket("exports")}, (_objects(target, ["s3:PutObject"], "exports", "*/parts/*"),)
    )


def export_files(target: Target) -> Access:
    return Access(
        {"EXPORTS_BUCKET": target.bucket("exports")},
        (
            _objects(target, ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], "exports", "*"),
            _listing(target, "exports"),
        ),
    )


def personal_jobs(target: Target) -> Access:
    """A link lets its holder do what its signer may."""
    environment = {
        "EXPORTS_BUCKET": target.bucket("exports"),
        "EXPORT_SECTIONS": str(len(EXPORT_STEPS)),
        "DELETION_GRACE_SECONDS": str(target.deletion_grace_seconds),
        **_public_s3(target),
    }
    return Access(environment, (_objects(target, ["s3:GetObject"], "exports", "*.zip"), _listing(target, "exports")))


def workflows(target: Target) -> Access:
    arns = {f"{machine.upper()}_MACHINE": target.state_machine_arn(machine) for machine in Machine}
    return Access(arns, (allow(["states:StartExecution"], *arns.values()),))


def video_machine(target: Target) -> Access:
    arn = target.state_machine_arn(VIDEO)
    return Access({"VIDEO_MACHINE": arn}, (allow(["states:StartExecution"], arn),))


def bus(target: Target) -> Access:
    arn = target.arn("events", f"event-bus/{target.namespace}")
    return Access({"EVENT_BUS": target.namespace}, (allow(["events:PutEvents"], arn),))


def fanout(target: Target) -> Access:
    pages, many = (_sending(target, setting, queue) for setting, queue in (
        ("FANOUT_QUEUE_URL", FANOUT_QUEUE), ("FANOUT_MANY_QUEUE_URL", FANOUT_MANY_QUEUE),
    ))  # fmt: skip
    return Access({**pages.environment, **many.environment}, (*pages.permissions, *many.permissions))


def requests(target: Target) -> Access:
    return _sending(target, "REQUESTS_QUEUE_URL", REQUESTS_QUEUE)


def own_queue(target: Target, queue: str) -> Access:
    return _sending(target, "OWN_QUEUE_URL", queue)


def photo_queues(target: Target) -> Access:
    photos, first = (_sending(target, setting, queue) for setting, queue in (
        ("PHOTOS_QUEUE_URL", PHOTOS_QUEUE), ("FIRST_QUEUE_URL", FIRST_QUEUE),
    ))  # fmt: skip
    return Access({**photos.environment, **first.environment}, (*photos.permissions, *first.permissions))


def search(endpoint: str, domain_arn: str) -> Access:
    return Access({"SEARCH_ENDPOINT": endpoint}, (allow(SEARCH_ACTIONS, f"{domain_arn}/*", wildcard="All indices."),))


def indexing(target: Target, endpoint: str, domain_arn: str) -> Access:
    return Access(
        {"SEARCH_ENDPOINT": endpoint, "INDEX_SCALE": "small" if target.local else "large"},
        (allow(INDEX_ACTIONS, f"{domain_arn}/*", wildcard="All indices."),),
    )


def live(target: Target, ids: AppConfigIds | None, document: str = LOAD) -> Access:
    """Reading a live document. `ids`: None where SSM keeps them."""
    if ids is None:
        parameter = target.arn("ssm", f"parameter{target.live_parameter(document)}")
        return Access({"LIVE_STORE": "ssm"}, (allow(["ssm:GetParameter"], parameter),))
    in_force = f"application/{ids.application}/environment/{ids.environment}/configuration/{ids.profiles[document]}"
    actions = ["appconfig:StartConfigurationSession", "appconfig:GetLatestConfiguration"]
    return Access(
        {"LIVE_STORE": "appconfig", "LIVE_APPLICATION": ids.application, "LIVE_ENVIRONMENT": ids.environment},
        (allow(actions, target.arn("appconfig", in_force)),),
    )


def load(target: Target, ids: AppConfigIds | None) -> Access:
    """Measuring the load, and writing its live document."""
    queues = ",".join(target.named(consumer.queue_name) for consumer in ALL_CONSUMERS)
    environment = {"WATCHED_QUEUES": queues, "API_NAME": target.namespace}
    measure = allow(["cloudwatch:GetMetricData"], "*", wildcard="Metrics are no resources that could be named.")
    if ids is None:
        parameter = target.arn("ssm", f"parameter{target.live_parameter(LOAD)}")
        return Access(environment, (measure, allow(["ssm:PutParameter"], parameter)))
    application = target.arn("appconfig", f"application/{ids.application}")
    write = allow(
        [
            "appconfig:CreateHostedConfigurationVersion",
            "appconfig:DeleteHostedConfigurationVersion",
            "appconfig:StartDeployment",
        ],
        application,
        f"{application}/configurationprofile/{ids.profiles[LOAD]}",
        f"{application}/environment/{ids.environment}",
        target.arn("appconfig", f"deploymentstrategy/{ids.strategy}"),
        target.arn("appconfig", "application/*/configurationprofile/*/hostedconfigurationversion/*"),
        target.arn("appconfig", "application/*/environment/*/deployment/*"),
        wildcard="AppConfig numbers versions and deployments; whose they are, the other resources say.",
    )
    return Access({**environment, "LIVE_PROFILE": ids.profiles[LOAD], "LIVE_STRATEGY": ids.strategy}, (measure, write))


def _secret(target: Target, setting: str, name: Secret) -> Access:
    physical = target.named(name)
    # Secrets Manager appends six characters to the name.
    arn = target.arn("secretsmanager", f"secret:{physical}-??????")
    return Access({setting: physical}, (allow(["secretsmanager:GetSecretValue"], arn),))


def _sending(target: Target, setting: str, queue: str) -> Access:
    name = target.named(queue)
    # AWS asks for SendMessage even for batches; an emulator asks for the name of the operation.
    actions = ["sqs:SendMessage", "sqs:SendMessageBatch"] if target.local else ["sqs:SendMessage"]
    return Access({setting: target.queue_url(name)}, (allow(actions, target.arn("sqs", name)),))


def _objects(target: Target, actions: list[str], purpose: str, *patterns: str) -> Permission:
    bucket = target.bucket_arn(purpose)
    return allow(actions, *(f"{bucket}/{pattern}" for pattern in patterns), wildcard=ONE_OBJECT_EACH)


def _listing(target: Target, purpose: str) -> Permission:
    """Without it S3 answers 403, not 404, for an object that is not there: a late duplicate would look like a fault."""
    return allow(["s3:ListBucket"], target.bucket_arn(purpose))


def _public_s3(target: Target) -> dict[str, str]:
    """Where signed S3 URLs point on a local cloud, as its clients see it."""
    return {"S3_PUBLIC_ENDPOINT": target.gateway} if target.gateway else {}
