"""Both targets, synthesised once; tests read the templates."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks

from infrastructure.platform import build
from infrastructure.target import Target

ROOT = Path(__file__).resolve().parents[2]
OPENAPI = Path(__file__).parent / "data" / "openapi.json"
LOCAL = {"target": "local", "gateway": "http://localhost:4566"}
AWS = {"target": "aws", "placeholderLayers": True}

Properties = dict[str, Any]


@dataclass(frozen=True)
class Resource:
    stack: str
    logical_id: str
    type: str
    properties: Properties
    raw: dict[str, Any]


class Templates:
    """The resources of all stacks of one target."""

    def __init__(self, folder: Path) -> None:
        self.stacks: dict[str, dict[str, Any]] = {
            path.name.removesuffix(".template.json"): json.loads(path.read_text())
            for path in sorted(folder.glob("*.template.json"))
        }

    def __iter__(self) -> Iterator[Resource]:
        for stack, template in self.stacks.items():
            for logical_id, raw in template.get("Resources", {}).items():
                yield Resource(stack, logical_id, raw["Type"], raw.get("Properties", {}), raw)

    def of_type(self, kind: str) -> list[Resource]:
        return [resource for resource in self if resource.type == kind]

    def named(self, kind: str, member: str) -> dict[str, Resource]:
        """Resources of a type by one of their properties, such as a physical name."""
        return {r.properties[member]: r for r in self.of_type(kind) if member in r.properties}

    def get(self, stack: str, logical_id: str) -> Properties:
        return self.stacks[stack]["Resources"][logical_id]["Properties"]


def app(folder: Path, context: dict[str, Any]) -> App:
    """An app as `cdk synth` makes it: with the context of cdk.json and of the command line."""
    shared = json.loads((ROOT / "cdk.json").read_text())["context"]
    return App(outdir=str(folder), context=shared | context, analytics_reporting=False)


def synthesise(folder: Path, context: dict[str, Any], openapi: Path = OPENAPI) -> Templates:
    built = app(folder, context)
    target = Target.of(built.node)
    build(built, target, openapi)
    if target.for_production:
        Validations.of(built).add_plugins(AwsSolutionsChecks(built))
    built.synth()
    return Templates(folder)


@pytest.fixture(scope="session")
def local(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    return synthesise(tmp_path_factory.mktemp("local"), LOCAL)


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    """Synthesis itself fails on any cdk-nag finding that is not acknowledged."""
    return synthesise(tmp_path_factory.mktemp("aws"), AWS)


@pytest.fixture(params=["local", "aws"])
def either(request: pytest.FixtureRequest) -> Templates:
    return request.getfixturevalue(request.param)
