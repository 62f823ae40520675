"""Buckets, delivery, and the token check as the edge runs it."""

import base64
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from heliograph import media_urls
from infrastructure.stacks.delivery import EDGE
from infrastructure.stacks.media import RETIRED
from infrastructure.target import Target
from tests.infrastructure.conftest import AWS, Resource, Templates, app

NOW = 1_795_363_200
EXPIRES = NOW + 7200
PATH = "/m/0199/1/w640.jpg"
SECRET = "current-secret"
NEXT = "next-secret"

# The edge's environment in a few lines: the script as a module of its own, with its clock and its store replaced.
HARNESS = """
const vm = require('vm');
const input = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const store = { get: async (key) => input.store[key], exists: async (key) => key in input.store };
const sandbox = { require, Buffer, Number, cf: { kvs: () => store }, Date: { now: () => input.now * 1000 } };
vm.createContext(sandbox);
vm.runInContext(input.code.replace(/^import cf from 'cloudfront';$/m, ''), sandbox);
Promise.resolve(sandbox.handler(input.event)).then((answer) => console.log(JSON.stringify(answer)));
"""


def buckets(templates: Templates) -> dict[str, Resource]:
    def purpose(bucket: Resource) -> str:
        name = bucket.properties["BucketName"]["Fn::Join"][1][0]
        return name.removeprefix("heliograph-").removesuffix("-")

    own = [bucket for bucket in templates.of_type("AWS::S3::Bucket") if bucket.stack != "heliograph-replica"]
    return {purpose(bucket): bucket for bucket in own}


def edge(code: str, path: str, query: dict[str, str], accept: str | None = None) -> dict[str, Any]:
    """What the CloudFront Function makes of a request."""
    headers = {} if accept is None else {"accept": {"value": accept}}
    values = {name: {"value": value} for name, value in query.items()}
    return run(code, {"request": {"uri": path, "querystring": values, "headers": headers}})


def run(code: str, event: dict[str, Any]) -> dict[str, Any]:
    document = {"code": code, "event": event, "now": NOW, "store": {"current": SECRET, "next": NEXT}}
    done = subprocess.run(
        ["node", "-e", HARNESS], input=json.dumps(document), capture_output=True, text=True, check=True, timeout=30
    )
    return json.loads(done.stdout)


def script(name: str) -> str:
    secrets = (EDGE / name).read_text().replace("%SECRET%", SECRET)
    return f"{secrets}\n{(EDGE / 'media_token.js').read_text()}"


def signed(path: str, expires: int = EXPIRES, secret: str = SECRET) -> dict[str, str]:
    return {"e": str(expires), "t": media_urls.token(secret.encode(), path, expires)}


@pytest.mark.parametrize("secrets", ["secrets_in_store.js", "secrets_inline.js"])
def test_the_edge_lets_through_what_the_kernel_signed(secrets: str):
    answer = edge(script(secrets), PATH, signed(PATH))
    assert answer["uri"] == PATH
    assert "statusCode" not in answer


def test_edge_accepts_the_next_secret_during_a_rotation():
    assert edge(script("secrets_in_store.js"), PATH, signed(PATH, secret=NEXT))["uri"] == PATH


BROWSER = "image/avif,image/webp,image/apng,image/*,*/*;q=0.8"
OLD_BROWSER = "image/png,image/*;q=0.8"


@pytest.mark.parametrize(
    ("name", "offered", "accept", "given"),
    [
        ("w640.jpg", {"f": "avif"}, BROWSER, "w640.avif"),
        ("w640.jpg", {}, BROWSER, "w640.webp"),
        ("thumb.jpg", {}, "image/webp", "thumb.webp"),
        ("w640.jpg", {"f": "avif"}, OLD_BROWSER, "w640.jpg"),
        ("w640.jpg", {"f": "avif"}, None, "w640.jpg"),
        ("w640.webp", {"f": "avif"}, BROWSER, "w640.webp"),
        ("share.jpg", {"f": "avif"}, BROWSER, "share.jpg"),
    ],
    ids=["avif", "none made", "webp alone", "neither", "unsaid", "asked for by name", "one kind only"],
)
def test_the_edge_gives_the_best_format_that_the_viewer_takes(name: str, offered: dict[str, str], accept, given: str):
    path = f"/m/0199/1/{name}"
    answer = edge(script("secrets_in_store.js"), path, signed(path) | offered, accept)
    assert answer["uri"] == f"/m/0199/1/{given}"


def test_edge_answers_vary_by_accept_header():
    vary = (EDGE / "vary.js").read_text()
    assert run(vary, {"response": {"headers": {}}})["headers"]["vary"] == {"value": "Accept"}
    origin = {"response": {"headers": {"vary": {"value": "Origin"}}}}
    assert run(vary, origin)["headers"]["vary"] == {"value": "Origin, Accept"}


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (PATH, {}),
        (PATH, {"e": str(EXPIRES)}),
        (PATH, signed(PATH) | {"t": "A" * 22}),
        (PATH, signed(PATH) | {"t": ""}),
        (PATH, signed(PATH) | {"e": str(EXPIRES + 3600)}),
        (PATH, signed(PATH) | {"e": f"{EXPIRES}.0"}),
        (PATH, signed(PATH, expires=NOW)),
        (PATH, signed(PATH, secret="another")),
        ("/m/0199/1/w1080.jpg", signed(PATH)),
        ("/originals/0199", signed("/originals/0199")),
    ],
    ids=["bare", "no token", "wrong token", "empty token", "prolonged", "other spelling", "expired", "other secret",
         "other picture", "original"],
)  # fmt: skip
def test_the_edge_refuses_everything_else(path: str, query: dict[str, str]):
    answer = edge(script("secrets_in_store.js"), path, query)
    assert answer["statusCode"] == 403
    assert answer["headers"]["cache-control"]["value"] == "no-store"


FOLDER = "/m/019aa1b2/3/hls/"


def in_folder(name: str, *, folder: str = FOLDER, expires: int = EXPIRES, secret: str = SECRET) -> str:
    """A path with the token of its folder in it, as the kernel's `granted_url` writes it."""
    token = media_urls.token(secret.encode(), folder, expires)
    return f"/m/019aa1b2/3/~{expires}~{token}/hls/{name}"


@pytest.mark.parametrize("name", ["master.m3u8", "720.m3u8", "720-init.mp4", "sound-003.m4s"])
def test_folder_token_opens_its_files_and_is_removed_from_the_path(name: str):
    answer = edge(script("secrets_in_store.js"), in_folder(name), {})
    assert answer["uri"] == f"{FOLDER}{name}"


@pytest.mark.parametrize(
    "path",
    [
        in_folder("master.m3u8", folder="/m/019aa1b2/4/hls/"),
        in_folder("master.m3u8", expires=NOW - 1),
        in_folder("master.m3u8", secret="guessed"),
        in_folder("../w1080.jpg"),
        in_folder("a/b.m4s"),
        in_folder("master.m3u8").replace("/hls/", "/originals/"),
        f"{FOLDER}master.m3u8",
    ],
    ids=["another version", "expired", "another secret", "above it", "below it", "another folder", "no token"],
)
def test_folder_token_opens_nothing_outside_its_folder(path: str):
    assert edge(script("secrets_in_store.js"), path, {})["statusCode"] == 403


def test_a_token_is_the_length_that_the_edge_compares():
    token = signed(PATH)["t"]
    assert len(base64.urlsafe_b64decode(token + "==")) == media_urls.TOKEN_BYTES


def test_the_script_fits_the_edge_and_keeps_the_secret_out_of_it_on_aws(aws: Templates):
    function = aws.named("AWS::CloudFront::Function", "Name")["heliograph-media-token"]
    code = function.properties["FunctionCode"]
    assert len(code.encode()) < 10 * 1024
    assert "resolve:secretsmanager" not in code
    assert function.properties["FunctionConfig"]["KeyValueStoreAssociations"]


def test_every_request_to_the_cdn_passes_the_token_check(either: Templates):
    (distribution,) = either.of_type("AWS::CloudFront::Distribution")
    config = distribution.properties["DistributionConfig"]
    kinds = [association["EventType"] for association in config["DefaultCacheBehavior"]["FunctionAssociations"]]
    assert kinds == ["viewer-request", "viewer-response"]
    assert "CacheBehaviors" not in config
    assert "OriginAccessControlId" in config["Origins"][0]


def test_the_cdn_reads_renditions_only_and_nobody_else_reads_without_tls(aws: Templates):
    (policy,) = [p for p in aws.of_type("AWS::S3::BucketPolicy") if p.stack == "heliograph-delivery"]
    allowed, denied = policy.properties["PolicyDocument"]["Statement"]
    assert allowed["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    assert allowed["Action"] == "s3:GetObject"
    assert allowed["Resource"]["Fn::Join"][1][-1].endswith("/m/*")
    assert "AWS:SourceArn" in allowed["Condition"]["StringEquals"]
    assert (denied["Effect"], denied["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


def test_aws_uploads_are_processed_after_their_scan(aws: Templates):
    # given
    (plan,) = aws.of_type("AWS::GuardDuty::MalwareProtectionPlan")
    queues = aws.named("AWS::SQS::Queue", "QueueName")
    # then all objects are scanned, and the finding is written on them
    assert "ObjectPrefixes" not in plan.properties["ProtectedResource"]["S3Bucket"]
    assert plan.properties["Actions"] == {"Tagging": {"Status": "ENABLED"}}
    # and nothing but the finding starts the work
    assert [*buckets(aws)["uploads"].properties["NotificationConfiguration"]] == ["EventBridgeConfiguration"]
    (rule,) = [r for r in aws.of_type("AWS::Events::Rule") if "GuardDuty" in json.dumps(r.properties)]
    (destination,) = rule.properties["Targets"]
    assert destination["Arn"]["Fn::GetAtt"][0] == queues["heliograph-media-uploads"].logical_id
    assert rule.properties["EventPattern"]["detail"]["s3ObjectDetails"]["objectKey"] == [{"prefix": "uploads/"}]


def test_moderator_is_rekognition_on_aws_and_our_model_elsewhere(local: Templates, aws: Templates):
    chosen = {}
    for name, templates in (("local", local), ("aws", aws)):
        resize = templates.named("AWS::Lambda::Function", "FunctionName")["heliograph-media-resize"]
        variables = resize.properties["Environment"]["Variables"]
        chosen[name] = variables["SCANNER"], variables["MODERATOR"]
    assert chosen == {"local": ("structural", "model"), "aws": ("guardduty", "rekognition")}


def test_on_a_local_cloud_an_upload_is_announced_to_the_resize_queue(local: Templates):
    uploads = buckets(local)["uploads"]
    (queue,) = uploads.properties["NotificationConfiguration"]["QueueConfigurations"]
    queues = local.named("AWS::SQS::Queue", "QueueName")
    assert queue["Queue"]["Fn::GetAtt"][0] == queues["heliograph-media-uploads"].logical_id
    assert queue["Event"] == "s3:ObjectCreated:*"
    assert any("Policy" in dependency for dependency in uploads.raw["DependsOn"])


def test_buckets_are_private_and_encrypted(either: Templates):
    for bucket in buckets(either).values():
        assert set(bucket.properties["PublicAccessBlockConfiguration"].values()) == {True}
        assert "BucketEncryption" in bucket.properties


def test_uploads_expire_in_a_day_and_media_are_versioned(either: Templates):
    built = buckets(either)
    (rule,) = built["uploads"].properties["LifecycleConfiguration"]["Rules"]
    assert rule["ExpirationInDays"] == 1
    assert built["media"].properties["VersioningConfiguration"] == {"Status": "Enabled"}


def test_media_have_a_second_copy_in_another_region(aws: Templates, local: Templates):
    (rule,) = buckets(aws)["media"].properties["ReplicationConfiguration"]["Rules"]
    (copy,) = (bucket for bucket in aws.of_type("AWS::S3::Bucket") if bucket.stack == "heliograph-replica")
    assert rule["Status"] == rule["DeleteMarkerReplication"]["Status"] == "Enabled"
    assert rule["Destination"]["StorageClass"] == "INTELLIGENT_TIERING"
    assert rule["Destination"]["Bucket"]["Fn::Join"][1][-1] == "-us-west-2"
    assert copy.properties["BucketName"]["Fn::Join"][1][-1] == "-us-west-2"
    assert copy.properties["VersioningConfiguration"] == {"Status": "Enabled"}
    # and who erases a person reaches both
    eraser = aws.named("AWS::Lambda::Function", "FunctionName")["heliograph-media-personal"]
    assert eraser.properties["Environment"]["Variables"]["REPLICA_REGION"] == "us-west-2"
    # a local cloud is one region
    assert "ReplicationConfiguration" not in buckets(local)["media"].properties


def test_a_copy_in_the_same_region_is_refused(tmp_path):
    with pytest.raises(ValueError, match="another region"):
        Target.of(app(tmp_path, AWS | {"region": "us-west-2"}).node)


def test_replaced_renditions_expire_in_a_day_and_nothing_else_does(either: Templates):
    rules = buckets(either)["media"].properties["LifecycleConfiguration"]["Rules"]
    (expiring,) = [rule for rule in rules if "ExpirationInDays" in rule]
    assert expiring["ExpirationInDays"] == 1
    assert expiring["TagFilters"] == [{"Key": key, "Value": value} for key, value in RETIRED.items()]


def test_avif_is_made_where_the_context_asks_for_it(changed: Templates, local: Templates, aws: Templates):
    for name in ("media-resize", "media-resize-first", "media-render"):
        made = [
            templates.named("AWS::Lambda::Function", "FunctionName")[f"heliograph-{name}"].properties["Environment"]
            for templates in (changed, local, aws)
        ]
        assert [environment["Variables"]["AVIF"] for environment in made] == ["true", "false", "false"]


def test_browsers_may_upload(either: Templates):
    (rule,) = buckets(either)["uploads"].properties["CorsConfiguration"]["CorsRules"]
    assert set(rule["AllowedMethods"]) == {"POST", "PUT"}


def test_media_urls_point_to_the_distribution_on_aws(aws: Templates):
    functions = aws.named("AWS::Lambda::Function", "FunctionName")
    variables = functions["heliograph-feed-api"].properties["Environment"]["Variables"]
    assert variables["MEDIA_DELIVERY"] == "cdn"
    assert "https://" in json.dumps(variables["MEDIA_BASE_URL"])
    assert variables["MEDIA_SECRET"] == "heliograph-media-secret"


def test_the_edge_scripts_are_where_the_stack_looks():
    names = {"media_token.js", "secrets_in_store.js", "secrets_inline.js", "vary.js"}
    assert {path.name for path in Path(EDGE).glob("*.js")} == names
