"""Each target is synthesised once, also for later runs while nothing changes; tests read the templates."""

import fcntl
import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
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
KEPT = ROOT / ".local" / "templates"
# Everything that decides what is in a template, with the versions of the CDK and its rules.
SOURCES = (
    "cdk.json", "docs/openapi.json", "functions", "infrastructure", "layers", "local/api_docs.py",
    "requirements-dev.txt", "tests/infrastructure/conftest.py", "tests/infrastructure/data",
)  # fmt: skip
ONE_MORE_ROUTE = {"/v1/filters": {"get": {"tags": ["media"]}}}

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


def kept(name: str, context: dict[str, Any], openapi: Path = OPENAPI) -> Templates:
    """The templates that a former run, or one beside this, has made from the same sources; or new ones."""
    folder = KEPT / name / digest()
    with alone(name):
        if not folder.is_dir():
            shutil.rmtree(folder.parent, ignore_errors=True)
            synthesise(folder.with_suffix(".unfinished"), context, openapi)
            folder.with_suffix(".unfinished").rename(folder)
        return Templates(folder)


@contextmanager
def alone(name: str) -> Iterator[None]:
    """One process at a time is in the block."""
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@cache
def digest() -> str:
    """Of the names and contents of all sources."""
    found = hashlib.sha256()
    for path in sorted(file for name in SOURCES for file in files_of(ROOT / name)):
        content = path.read_bytes()
        found.update(f"{path.relative_to(ROOT)} {len(content)}\n".encode() + content)
    return found.hexdigest()[:16]


def files_of(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    for file in path.rglob("*"):
        if file.is_file() and "__pycache__" not in file.parts:
            yield file


@pytest.fixture(scope="session")
def local() -> Templates:
    return kept("local", LOCAL)


@pytest.fixture(scope="session")
def aws() -> Templates:
    """Synthesis itself fails on any cdk-nag finding that is not acknowledged."""
    return kept("aws", AWS)


@pytest.fixture(scope="session")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    """The local target with one route more and with AVIF."""
    document = tmp_path_factory.mktemp("openapi") / "openapi.json"
    paths = json.loads(OPENAPI.read_text())["paths"] | ONE_MORE_ROUTE
    document.write_text(json.dumps({"paths": paths}))
    return kept("changed", LOCAL | {"avif": "true"}, document)


@pytest.fixture(params=["local", "aws"])
def either(request: pytest.FixtureRequest) -> Templates:
    return request.getfixturevalue(request.param)
