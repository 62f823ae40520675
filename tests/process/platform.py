"""The whole platform in this process: handlers, events and API as deployed, over real engines.

Records are kept by DynamoDB Local, with its streams; objects, keys, secrets, parameters and mails by MiniStack; the
index by osmem. The gateway, the bus, the queues and Lambda are played here, after the synthesised templates: each
request is answered after all that follows from it has happened. So nothing is waited for, and nothing overtakes.
A function may touch the tables that the catalogue gives it, and no others. What this cannot show (other permissions,
time-outs, order, many at once, state machines, the CDN) the other clouds show.
"""

import logging
import os
import traceback
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

from botocore.exceptions import ClientError

from heliograph import aws as product_aws
from infrastructure.catalogue import ALL_FUNCTIONS
from local import aws as local_aws
from local.cloud import Cloud
from local.clouds import Lane
from local.clouds.emulator import Feature, Mail
from local.instance import NAMESPACE, Endpoints
from local.processes import free_port
from local.temporary import started
from tests import capacity, database, lean
from tests.process import assembly, gateway
from tests.process.assembly import Assembly
from tests.process.events import Events, Streams
from tests.process.functions import Functions, FunctionsClient

TITLE = "the test process"
OFFERS: frozenset[Feature] = frozenset()
# What the templates of these stacks describe, the emulator provides.
PROVIDED = ("identity", "live")

# What all functions are given alike; some of it is read when a module is imported.
COMMON = {
    "NAMESPACE": NAMESPACE,
    "POWERTOOLS_METRICS_NAMESPACE": "Heliograph",
    "POWERTOOLS_SERVICE_NAME": "platform",
}


@dataclass
class Platform:
    """One running platform. `machines`: executions of state machines that were asked for; they are not carried out."""

    cloud: Cloud
    endpoints: Endpoints
    functions: Functions
    events: Events
    database: Callable[[str], Any]
    machines: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    faults: list[str] = field(default_factory=list[str])
    said: list[tuple[datetime, str]] = field(default_factory=list[tuple[datetime, str]])

    def aws(self, service: str) -> Any:
        """A client for tests, with administrator credentials."""
        match service:
            case "dynamodb" | "dynamodbstreams":
                return self.database(service)
            case "lambda":
                return FunctionsClient(self.functions)
            case _:
                return local_aws.client(service, self.cloud.instance)

    def evidence(self, since: datetime) -> str:
        """What the functions have warned of since then, and the dead letters."""
        warnings = [f"{time:%H:%M:%S.%f} {text}" for time, text in self.said if time >= since]
        letters = [f"dead letter in {name}: {message.body[:500]}" for name, message in self.events.dead_letters()]
        return "\n".join([*warnings, *letters, *self.faults[-3:]])

    def mails(self) -> list[Mail]:
        return self.cloud.lane.emulator.mails(self.cloud.instance)


@contextmanager
def running(directory: Path) -> Generator[Platform]:
    """Start everything that a platform needs, and stop it in the end."""
    port = free_port()
    with ExitStack() as stack:
        cloud = stack.enter_context(started(Lane.of("ministack", "osmem")))
        dynamodb = stack.enter_context(database.running(directory))
        common = _common(cloud.instance.aws_endpoint, dynamodb)
        stack.enter_context(mock.patch.dict(os.environ, common))
        database.create_tables(local_client("dynamodb", common), lambda name: f"{NAMESPACE}-{name}")
        templates = _provided(cloud, Assembly(assembly.synthesised(), f"http://127.0.0.1:{port}"))
        yield stack.enter_context(_platform(cloud, templates, common, port))


@contextmanager
def _platform(cloud: Cloud, templates: Assembly, common: Mapping[str, str], port: int) -> Generator[Platform]:
    functions = Functions(templates.functions(), common)
    streams = Streams(local_client("dynamodbstreams", common))
    events = Events(templates, streams, functions.invoke)
    site = f"http://127.0.0.1:{port}"
    endpoints = Endpoints(f"{site}{gateway.BASE}/v1", cloud.search_url, cloud.instance.aws_endpoint, "presigned")
    platform = Platform(cloud, endpoints, functions, events, lambda service: local_client(service, common))

    def uploaded(bucket: str, key: str, quoted_key: str) -> None:
        events.uploaded(bucket, key, quoted_key)
        events.settle()

    answering = gateway.Gateway(
        templates.routes(), templates.gateway_answers(), functions.invoke, events.settle, platform.faults
    )
    with (
        mock.patch.object(product_aws, "client", _clients(platform, product_aws.client)),
        lean.requests(),
        capacity.intercepted(_noting_writes(streams)),
        capacity.intercepted(_permitted(functions)),
        _noting_errors(platform),
        gateway.served(port, answering, gateway.Storage(cloud.instance.port, uploaded)),
    ):
        yield platform


def local_client(service: str, settings: Mapping[str, str]) -> Any:
    """A client of DynamoDB Local."""
    return database.plain_client(settings["AWS_ENDPOINT_URL_DYNAMODB"], service)


def _common(aws_endpoint: str, dynamodb: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "LC_ALL") if name in os.environ}
    return {
        **kept,
        **local_aws.CREDENTIALS,
        "AWS_REGION": local_aws.REGION,
        "AWS_DEFAULT_REGION": local_aws.REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_ENDPOINT_URL": aws_endpoint,
        "AWS_ENDPOINT_URL_DYNAMODB": dynamodb,
        **COMMON,
    }


def _provided(cloud: Cloud, templates: Assembly) -> Assembly:
    """Keys, secrets, live documents, buckets and the mail's sender, as the templates describe them."""
    client = lambda service: local_aws.client(service, cloud.instance)  # noqa: E731
    client("ssm").put_parameter(Name="/cdk-bootstrap/hnb659fds/version", Value="30", Type="String")
    for area in PROVIDED:
        name = f"{NAMESPACE}-{area}"
        client("cloudformation").create_stack(StackName=name, TemplateBody=templates.template(name))
        client("cloudformation").get_waiter("stack_create_complete").wait(
            StackName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30}
        )
    exports = {item["Name"]: item["Value"] for item in client("cloudformation").list_exports()["Exports"]}
    known = {
        ("AWS::OpenSearchService::Domain", "DomainEndpoint"): cloud.search_url.partition("//")[2],
        ("AWS::ApiGateway::RestApi", "Ref"): NAMESPACE,
    }
    assembled = Assembly(templates.folder, templates.gateway, known, exports)
    for bucket, properties in assembled.buckets().items():
        client("s3").create_bucket(Bucket=bucket)
        if versioning := properties.get("VersioningConfiguration"):
            client("s3").put_bucket_versioning(Bucket=bucket, VersioningConfiguration=versioning)
    for function in assembled.functions().values():
        if sender := function.settings.get("MAIL_SENDER"):
            client("ses").verify_email_identity(EmailAddress=sender)
    return assembled


def _clients(platform: Platform, real: Callable[..., Any]) -> Callable[..., Any]:
    """Clients of what is played here; the others are real."""
    played = {
        "sqs": SimpleNamespace(send_message_batch=_sender(platform.events)),
        "events": SimpleNamespace(put_events=_bus(platform.events)),
        "lambda": FunctionsClient(platform.functions),
        "stepfunctions": SimpleNamespace(
            start_execution=lambda **execution: platform.machines.append(execution),
            exceptions=SimpleNamespace(ExecutionAlreadyExists=KeyError),
        ),
    }
    return lambda service, **options: played.get(service) or real(service, **options)


def _sender(events: Events) -> Callable[..., dict[str, Any]]:
    def send_message_batch(QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803  (boto3's)
        for entry in Entries:
            group = {"MessageGroupId": entry["MessageGroupId"]} if "MessageGroupId" in entry else {}
            events.send(QueueUrl.rpartition("/")[2], entry["MessageBody"], entry.get("DelaySeconds", 0), **group)
        return {"Successful": Entries}

    return send_message_batch


def _bus(events: Events) -> Callable[..., dict[str, Any]]:
    def put_events(Entries: list[dict[str, str]]) -> dict[str, Any]:  # noqa: N803  (boto3's)
        for entry in Entries:
            events.put(entry)
        return {"FailedEntryCount": 0, "Entries": [{} for _ in Entries]}

    return put_events


def _permitted(functions: Functions) -> capacity.Around:
    """Refuse what the running function's role does not allow: that roles are as the catalogue says, templates show."""
    specs = {f"{NAMESPACE}-{spec.full_name}": spec for spec in ALL_FUNCTIONS}

    def around(_client: Any, operation: str, params: capacity.Params, proceed: Any) -> capacity.Answer:
        if spec := specs.get(functions.running):
            for table, writes in _touched(operation, params):
                if table.removeprefix(f"{NAMESPACE}-") not in (spec.writes if writes else (*spec.reads, *spec.writes)):
                    why = f"{functions.running} may not {operation} {table}"
                    raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": why}}, operation)
        return proceed(params)

    return around


def _touched(operation: str, params: capacity.Params) -> Iterator[tuple[str, bool]]:
    """The tables of a request, and whether they are written."""
    if operation == "TransactWriteItems":
        for item in params["TransactItems"]:
            yield from ((part["TableName"], kind != "ConditionCheck") for kind, part in item.items())
    else:
        yield from ((table, operation in capacity.WRITES) for table in _tables(params))


def _noting_writes(streams: Streams) -> capacity.Around:
    def around(_client: Any, operation: str, params: capacity.Params, proceed: Any) -> capacity.Answer:
        if operation in capacity.WRITES:
            streams.written |= set(_tables(params))
        return proceed(params)

    return around


def _tables(params: capacity.Params) -> list[str]:
    if "TableName" in params:
        return [params["TableName"]]
    if "RequestItems" in params:
        return list(params["RequestItems"])
    return [table["TableName"] for item in params["TransactItems"] for table in item.values()]


@contextmanager
def _noting_errors(platform: Platform) -> Generator[None]:
    """What functions log as an error is a fault, as it is behind any other cloud's API."""
    from heliograph.observability import logger

    class Noting(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            text = f"{platform.functions.running}: {record.getMessage()}"
            if record.exc_info:
                text += "\n" + "".join(traceback.format_exception(*record.exc_info))
            platform.said.append((datetime.now(UTC), text))
            if record.levelno >= logging.ERROR:
                platform.faults.append(text)

    noting = Noting(level=logging.WARNING)
    logger.addHandler(noting)
    try:
        yield
    finally:
        logger._logger.removeHandler(noting)
