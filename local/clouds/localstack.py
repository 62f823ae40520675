"""LocalStack: the reference. In Docker where there is Docker; else on this machine, with an executor of our own."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

import httpx

from local import aws, packages
from local.clouds import pythons
from local.clouds.emulator import Emulator, Feature, Mail, enable_expiry
from local.errors import CloudError
from local.instance import ROOT, STATE, Instance
from local.java import built, java
from local.progress import note, step

VERSION = "4.14.0"
# 3.14 is newer than this release of LocalStack, and 3.11 cannot read it.
PYTHONS = [(3, 13), (3, 12)]
REQUIREMENTS = ROOT / "local" / "clouds" / "localstack.txt"
EXECUTOR = ROOT / "local" / "localstack_process_executor"
INSTALLED = STATE / "localstack"
PYTHON = INSTALLED / "venv" / "bin" / "python"
COMPOSE = ROOT / "compose.yaml"
# A custom resource that nobody provides is skipped with only this line to show for it.
SILENT_FAILURE = "No resource provider found"


class LocalStack(Emulator):
    name: ClassVar = "localstack"
    title: ClassVar = f"LocalStack {VERSION}"
    health_path: ClassVar = "/_localstack/health"
    default_search: ClassVar = "opensearch"
    context: ClassVar = {"cdn": "false"}
    cdk: ClassVar = ROOT / "node_modules" / ".bin" / "cdklocal"

    @property
    def offers(self) -> frozenset[Feature]:
        features = {Feature.STREAM_FAILURES, Feature.EXPIRY, Feature.ERROR_NAMES, Feature.CONCURRENCY}
        own_search = set() if self.brings_search else {Feature.SEARCH_OUTAGE}
        return frozenset({Feature.DEPLOYMENT, *features, *own_search})

    @property
    def brings_search(self) -> bool:
        return docker_answers()

    def prepare(self) -> None:
        if docker_answers():
            note(f"LocalStack {VERSION} in Docker, because its engine answers")
            with step("fetching and building its images"):
                _run("docker", "compose", "--file", COMPOSE, "pull", "--quiet", "--ignore-buildable")
                _run("docker", "compose", "--file", COMPOSE, "build", "--quiet")
            return
        note(f"LocalStack {VERSION} on this machine, because no Docker engine answers")
        _install()

    def command(self, instance: Instance) -> Sequence[str | Path]:
        if docker_answers():
            return ["docker", "compose", "--file", COMPOSE, "--project-name", _project(instance), "up"]
        _lay_out(_root(instance))
        return [PYTHON, "-m", "localstack.runtime.main"]

    def environment(self, instance: Instance, search_url: str) -> Mapping[str, str]:
        common = {
            "LOCALSTACK_HOST": f"localhost:{instance.port}",
            "OPENSEARCH_ENDPOINT_STRATEGY": "path",
            # The default provider loses stream records.
            "PROVIDER_OVERRIDE_DYNAMODB": "v2",
            "LAMBDA_RUNTIME_EXECUTOR": "process",
            "DYNAMODB_IN_MEMORY": "1",
            # One database for all credentials, so that it can be spoken to directly: see `expire`.
            "DYNAMODB_SHARE_DB": "1",
            "DYNAMODB_LOCAL_PORT": str(instance.choose_port("dynamodb")),
            # By default a queue or stream that was quiet is looked at every ten seconds only.
            "LAMBDA_EVENT_SOURCE_MAPPING_POLL_INTERVAL_SEC": "1",
            "LAMBDA_EVENT_SOURCE_MAPPING_MAX_BACKOFF_ON_EMPTY_POLL_SEC": "3",
            "DISABLE_EVENTS": "1",
            "SKIP_SSL_CERT_DOWNLOAD": "1",
        }
        if docker_answers():
            return common | {"PORT": str(instance.port), "SEARCH_PORT": str(urlsplit(search_url).port)}
        return common | {
            "OPENSEARCH_CUSTOM_BACKEND": search_url,
            "GATEWAY_LISTEN": f"127.0.0.1:{instance.port}",
            # The default server listens on every interface, whatever it is told.
            "GATEWAY_SERVER": "hypercorn",
            "OVERRIDE_IN_DOCKER": "0",
            "DNS_ADDRESS": "0",
            "FILESYSTEM_ROOT": str(_root(instance)),
            "LAMBDA_PROCESS_PYTHON": sys.executable,
            "TMPDIR": str(instance.temporary),
        }

    def mails(self, instance: Instance) -> list[Mail]:
        answer = httpx.get(f"{instance.aws_endpoint}/_aws/ses", trust_env=False).raise_for_status()
        messages: list[dict[str, Any]] = answer.json()["messages"]
        return [
            Mail(message["Destination"]["ToAddresses"], message["Subject"], message["Body"]["text_part"])
            for message in messages
        ]

    def expire(self, instance: Instance, table: str, attribute: str) -> None:
        """LocalStack only notes it down; DynamoDB Local behind it does it, as AWS would, within seconds."""
        engine = aws.client("dynamodb", instance, f"http://localhost:{instance.port_of('dynamodb')}")
        enable_expiry(engine, table, attribute)

    def faults(self, log: str) -> list[str]:
        return [line for line in log.splitlines() if SILENT_FAILURE in line]

    def clean(self, instance: Instance) -> None:
        shutil.rmtree(_root(instance), ignore_errors=True)
        if docker_answers():
            subprocess.run(
                ["docker", "compose", "--file", COMPOSE, "--project-name", _project(instance), "down", "--volumes"],
                check=True,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )


@cache
def docker_answers() -> bool:
    """Whether a Docker engine can be used; its client alone is no use."""
    try:
        return subprocess.run(["docker", "info"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def _project(instance: Instance) -> str:
    return f"heliograph-{instance.port}"


def _root(instance: Instance) -> Path:
    return instance.directory / "localstack"


def _install() -> None:
    """LocalStack in an interpreter of its own, at the packages of its release date, with the executor."""
    built("dynamodb")
    INSTALLED.mkdir(parents=True, exist_ok=True)
    stamp, digest = INSTALLED / "installed.sha256", _digest()
    with (INSTALLED / "install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if PYTHON.exists() and stamp.exists() and stamp.read_text() == digest:
            return
        python = pythons.find(PYTHONS)
        if python is None:
            wanted = " or ".join(".".join(map(str, version)) for version in PYTHONS)
            raise CloudError(
                f"LocalStack without Docker needs Python {wanted} (the project itself does not), and none was found on "
                "the path or in pyenv. Install one, or start Docker."
            )
        with step(f"installing LocalStack {VERSION} for {python}"):
            _run(python, "-m", "venv", "--clear", PYTHON.parents[1])
            packages.install(PYTHON, REQUIREMENTS)
            _run(PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", EXECUTOR)
        stamp.write_text(digest)


def _run(*command: str | Path) -> None:
    ran = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=STATE)
    if ran.returncode != 0:
        raise CloudError(f"`{' '.join(map(str, command))}` failed:\n{ran.stdout[-2000:]}")


def _digest() -> str:
    digest = hashlib.sha256(REQUIREMENTS.read_bytes())
    for path in sorted(EXECUTOR.rglob("*.*")):
        if path.suffix in {".py", ".toml"}:
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _lay_out(root: Path) -> None:
    """LocalStack's own file system, with DynamoDB Local and Java where it would otherwise download them."""
    libraries = root / "var" / "lib" / "localstack" / "lib"
    shutil.rmtree(root, ignore_errors=True)
    dynamodb = libraries / "dynamodb-local" / "2"
    dynamodb.mkdir(parents=True)
    jars = built("dynamodb")
    for name, target in {
        "DynamoDBLocal.jar": "DynamoDBLocal.jar",
        "DynamoDBLocal_lib": "DynamoDBLocal_lib",
        "ddb-local-loader-0.1.jar": "DynamoDBLocal.jar",
    }.items():
        (dynamodb / name).symlink_to(jars / target)
    (libraries / "java").mkdir()
    (libraries / "java" / "21").symlink_to(Path(os.path.realpath(java())).parents[1])
