"""The CDK app as it is deployed to a local cloud, read back: what runs, with which settings, and what feeds it."""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from local.aws import ACCOUNT, REGION
from local.instance import ROOT, STATE

GATEWAY = "http://localhost:4566"
KEPT = STATE / "assembly"
_SOURCES = ("app.py", "cdk.json", "docs/openapi.json", "infrastructure")
_PSEUDO = {"AWS::AccountId": ACCOUNT, "AWS::Region": REGION, "AWS::Partition": "aws", "AWS::URLSuffix": "amazonaws.com"}
_ENDPOINTS_IN_ARNS = {"AWS::SQS::Queue": ("sqs", "QueueName"), "AWS::Lambda::Function": ("lambda", "FunctionName")}

Properties = dict[str, Any]


@dataclass(frozen=True)
class Function:
    """A Lambda function: `handler` is a dotted name, `settings` are its environment variables."""

    name: str
    handler: str
    timeout_seconds: int
    settings: Mapping[str, str]


@dataclass(frozen=True)
class Feed:
    """What a function is fed from: a queue's or a table's name, so many records at once."""

    source: str
    function: str
    batch_size: int


@dataclass(frozen=True)
class Rule:
    """Events of the bus that match `pattern` go to a queue."""

    pattern: Properties
    queue: str


@dataclass(frozen=True)
class QueueSpec:
    """A queue; after `receives` deliveries in vain a message goes to `dead_letters`."""

    name: str
    receives: int = 0
    dead_letters: str = ""


@dataclass(frozen=True)
class Route:
    """`path` with parameters in braces. `function`: empty for a preflight, which is answered with `headers` alone."""

    method: str
    path: str
    function: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class GatewayAnswer:
    """What the gateway itself answers; `body` is a template."""

    status: int
    headers: Mapping[str, str]
    body: str


def synthesised() -> Path:
    """The folder of the templates for a local cloud, made once whenever the infrastructure changes."""
    folder = KEPT / _digest()
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "manifest.json").exists():
            for former in KEPT.glob("*/"):
                shutil.rmtree(former)
            _synthesise(folder)
    return folder


def _synthesise(folder: Path) -> None:
    context = json.loads((ROOT / "cdk.json").read_text())["context"] | {"target": "local", "gateway": GATEWAY}
    environment = {**os.environ, "CDK_OUTDIR": str(folder), "CDK_CONTEXT_JSON": json.dumps(context)}
    subprocess.run([sys.executable, "app.py"], cwd=ROOT, env=environment, check=True)


def _digest() -> str:
    digest = hashlib.sha256()
    for name in _SOURCES:
        path = ROOT / name
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(f"{file.relative_to(ROOT)}\0".encode() + file.read_bytes())
    return digest.hexdigest()[:16]


@dataclass
class Assembly:
    """The templates of all stacks. `attributes`: values that only a running cloud knows, by (type, attribute)."""

    folder: Path
    gateway: str
    attributes: Mapping[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    exports: Mapping[str, str] = field(default_factory=dict[str, str])

    @cached_property
    def stacks(self) -> dict[str, dict[str, Any]]:
        return {
            path.name.removesuffix(".template.json"): json.loads(path.read_text().replace(GATEWAY, self.gateway))
            for path in sorted(self.folder.glob("*.template.json"))
        }

    def template(self, stack: str) -> str:
        return json.dumps(self.stacks[stack])

    def of_type(self, kind: str) -> Iterator[tuple[str, Properties]]:
        """The stack and the properties of each resource of a CloudFormation type."""
        for stack, template in self.stacks.items():
            for resource in template["Resources"].values():
                if resource["Type"] == kind:
                    yield stack, resource["Properties"]

    def functions(self) -> dict[str, Function]:
        return {
            function.name: function
            for stack, properties in self.of_type("AWS::Lambda::Function")
            for function in [self._function(stack, properties)]
        }

    def mappings(self) -> list[Feed]:
        return [
            Feed(
                _last(self.value(stack, properties["EventSourceArn"])),
                _last(self.value(stack, properties["FunctionName"])),
                properties["BatchSize"],
            )
            for stack, properties in self.of_type("AWS::Lambda::EventSourceMapping")
        ]

    def rules(self) -> list[Rule]:
        """The rules of the platform's own bus."""
        return [
            Rule(properties["EventPattern"], _last(self.value(stack, properties["Targets"][0]["Arn"])))
            for stack, properties in self.of_type("AWS::Events::Rule")
            if "EventBusName" in properties
        ]

    def queues(self) -> list[QueueSpec]:
        return [self._queue(stack, properties) for stack, properties in self.of_type("AWS::SQS::Queue")]

    def buckets(self) -> dict[str, Properties]:
        return {
            self.value(stack, properties["BucketName"]): properties
            for stack, properties in self.of_type("AWS::S3::Bucket")
        }

    def upload_queues(self) -> list[tuple[str, str, str]]:
        """Bucket, prefix and queue of each notification of new objects."""
        found = []
        for stack, properties in self.of_type("AWS::S3::Bucket"):
            for notice in properties.get("NotificationConfiguration", {}).get("QueueConfigurations", []):
                rules = notice.get("Filter", {}).get("S3Key", {}).get("Rules", [])
                prefix = next((rule["Value"] for rule in rules if rule["Name"].lower() == "prefix"), "")
                bucket = self.value(stack, properties["BucketName"])
                found.append((bucket, prefix, _last(self.value(stack, notice["Queue"]))))
        return found

    def routes(self) -> list[Route]:
        return [
            Route(
                properties["HttpMethod"],
                self._path(stack, properties["ResourceId"]),
                self._behind(stack, properties),
                _constants(properties["Integration"].get("IntegrationResponses", [{}])[0], "method.response.header."),
            )
            for stack, properties in self.of_type("AWS::ApiGateway::Method")
        ]

    def gateway_answers(self) -> dict[str, GatewayAnswer]:
        """What is answered without a function, by API Gateway's names of the cases; only those of one status."""
        return {
            properties["ResponseType"]: GatewayAnswer(
                int(properties["StatusCode"]),
                _constants(properties, "gatewayresponse.header."),
                properties["ResponseTemplates"]["application/json"],
            )
            for _, properties in self.of_type("AWS::ApiGateway::GatewayResponse")
            if "StatusCode" in properties
        }

    def value(self, stack: str, expression: Any) -> Any:
        """What an expression of a template comes to. Raises KeyError for what only a cloud can know and nobody said."""
        match expression:
            case {"Ref": name}:
                return _PSEUDO.get(name) or self._reference(stack, name)
            case {"Fn::Join": [separator, parts]}:
                return separator.join(self.value(stack, part) for part in parts)
            case {"Fn::GetAtt": [name, attribute]}:
                return self._attribute(stack, self.stacks[stack]["Resources"][name], attribute)
            case {"Fn::ImportValue": name}:
                return self.exports.get(name) or self._imported(name)
            case _:
                return expression

    def _function(self, stack: str, properties: Properties) -> Function:
        settings = properties.get("Environment", {}).get("Variables", {})
        return Function(
            properties["FunctionName"],
            properties["Handler"],
            properties.get("Timeout", 3),
            {name: self.value(stack, value) for name, value in settings.items()},
        )

    def _queue(self, stack: str, properties: Properties) -> QueueSpec:
        redrive = properties.get("RedrivePolicy")
        if not redrive:
            return QueueSpec(properties["QueueName"])
        dead_letters = _last(self.value(stack, redrive["deadLetterTargetArn"]))
        return QueueSpec(properties["QueueName"], redrive["maxReceiveCount"], dead_letters)

    def _path(self, stack: str, resource: Any) -> str:
        match resource:
            case {"Ref": name}:
                properties = self.stacks[stack]["Resources"][name]["Properties"]
                return f"{self._path(stack, properties['ParentId'])}/{properties['PathPart']}"
            case _:
                return ""

    def _behind(self, stack: str, method: Properties) -> str:
        uri = self.value(stack, method["Integration"].get("Uri", ""))
        return _last(uri.removesuffix("/invocations"))

    def _reference(self, stack: str, name: str) -> str:
        resource = self.stacks[stack]["Resources"][name]
        return self.attributes[resource["Type"], "Ref"]

    def _attribute(self, stack: str, resource: dict[str, Any], attribute: str) -> str:
        kind, properties = resource["Type"], resource["Properties"]
        if kind == "AWS::DynamoDB::GlobalTable":
            return f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table:{properties['TableName']}"
        if kind in _ENDPOINTS_IN_ARNS and attribute == "Arn":
            service, name = _ENDPOINTS_IN_ARNS[kind]
            return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{self.value(stack, properties[name])}"
        return self.attributes[kind, attribute]

    def _imported(self, name: str) -> str:
        for stack, template in self.stacks.items():
            for output in template.get("Outputs", {}).values():
                if output.get("Export", {}).get("Name") == name:
                    return self.value(stack, output["Value"])
        raise KeyError(name)


def _constants(holder: Properties, prefix: str) -> dict[str, str]:
    """Header names and values of response parameters, whose constants are in quotes."""
    parameters = holder.get("ResponseParameters", {})
    return {name.removeprefix(prefix): value.strip("'") for name, value in parameters.items()}


def _last(arn: str) -> str:
    """The name at the end of an ARN."""
    return arn.rpartition(":")[2]
