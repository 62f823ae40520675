"""Deploy the CDK app to a local cloud, and do afterwards what the emulator leaves out of CloudFormation."""

import hashlib
import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any

from local import aws, node
from local.cloud import Cloud
from local.errors import CloudError
from local.instance import ROOT, Deployment, Endpoints, Instance
from local.progress import step

_SOURCES = (
    "app.py",
    "cdk.json",
    "docs/openapi.json",
    "functions",
    "infrastructure",
    "layers/shared",
    "local/deploy.py",
)


def source_hash() -> str:
    """A digest of everything that decides what is deployed."""
    digest = hashlib.sha256()
    for path in sorted(_source_files()):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0")
        digest.update(path.read_bytes())
    return digest.hexdigest()


def deploy(cloud: Cloud) -> None:
    """Synthesise and deploy the app, then write the endpoints; raises CloudError with the end of the log."""
    instance = cloud.instance
    source = source_hash()
    first = instance.deployment() is None
    with step(f"synthesising the CDK app{' and bootstrapping the account' if first else ''}"), ExitStack() as running:
        bootstrap = running.enter_context(_bootstrap(cloud)) if first else None
        _require_success(instance, "synth", running.enter_context(_synth(cloud)))
        if bootstrap:
            _require_success(instance, "bootstrap", bootstrap)
            _allow_plain_http_to_assets(instance)
    instance.record_deployment(Deployment(source, finished=False))
    with step("deploying the stacks"), _cdk(cloud, "deploy", _deploy_arguments(instance)) as deployment:
        _require_success(instance, "deploy", deployment)
    with step("enabling what CloudFormation leaves out here"):
        _enable_time_to_live(cloud)
        _verify_mail_senders(instance)
    instance.write_endpoints(_endpoints(cloud))
    instance.record_deployment(Deployment(source, finished=True))


def _source_files() -> Iterator[Path]:
    for name in _SOURCES:
        path = ROOT / name
        if path.is_file():
            yield path
        else:
            yield from (file for file in path.rglob("*") if file.is_file() and "__pycache__" not in file.parts)


def _bootstrap(cloud: Cloud) -> AbstractContextManager[subprocess.Popen[bytes]]:
    """Bootstrapping needs no app, so it can run while the app is synthesised, in a directory without one."""
    return _cdk(cloud, "bootstrap", ["bootstrap", f"aws://{aws.ACCOUNT}/{aws.REGION}"], cwd=cloud.instance.directory)


def _synth(cloud: Cloud) -> AbstractContextManager[subprocess.Popen[bytes]]:
    app = shlex.join([sys.executable, "app.py"])
    values = {"target": "local", "gateway": cloud.instance.aws_endpoint, **cloud.lane.emulator.context}
    context = [word for name, value in values.items() for word in ("--context", f"{name}={value}")]
    assembly = str(cloud.instance.assembly)
    return _cdk(cloud, "synth", ["synth", "--quiet", "--app", app, "--output", assembly, *context])


def _deploy_arguments(instance: Instance) -> list[str]:
    return [
        "deploy", "--all", "--app", str(instance.assembly), "--require-approval", "never", "--method", "direct",
        "--progress", "events", "--concurrency", "4",
    ]  # fmt: skip


@contextmanager
def _cdk(cloud: Cloud, log: str, arguments: Sequence[str], cwd: Path = ROOT) -> Generator[subprocess.Popen[bytes]]:
    """Run the CDK command line beside the block; when the block is left early, it and its children end too."""
    with cloud.instance.log(log).open("wb") as output:
        process = subprocess.Popen(
            [cloud.lane.emulator.cdk, *arguments, "--no-notices"],
            cwd=cwd,
            env=_environment(cloud.instance),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            # It inherits the command's lock, so that no other command begins if this one is killed before it.
            close_fds=False,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _require_success(instance: Instance, log: str, process: subprocess.Popen[bytes]) -> None:
    if process.wait() != 0:
        tail = "\n".join(instance.log(log).read_text().splitlines()[-25:])
        raise CloudError(f"`cdk {log}` failed; the end of {instance.log(log)}:\n{tail}")


def _environment(instance: Instance) -> dict[str, str]:
    # A profile or proxy of the person's own must not send this deployment anywhere but to the local cloud.
    own = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CDK_"))}
    return own | aws.CREDENTIALS | {
        "AWS_ENDPOINT_URL": instance.aws_endpoint,
        "AWS_ENDPOINT_URL_S3": instance.aws_endpoint,
        "AWS_REGION": aws.REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "NO_PROXY": "localhost,127.0.0.1",
        "PATH": node.path(),
        "CI": "true",
    }  # fmt: skip


def _resources(instance: Instance, kind: str) -> Iterator[dict[str, Any]]:
    """Properties of every synthesised resource of one CloudFormation type."""
    for template in sorted(instance.assembly.glob("*.template.json")):
        for resource in json.loads(template.read_text()).get("Resources", {}).values():
            if resource["Type"] == kind:
                yield resource.get("Properties", {})


def _allow_plain_http_to_assets(instance: Instance) -> None:
    """The bootstrap bucket refuses requests without TLS, which the local cloud does not have."""
    aws.client("s3", instance).delete_bucket_policy(Bucket=f"cdk-hnb659fds-assets-{aws.ACCOUNT}-{aws.REGION}")


def _enable_time_to_live(cloud: Cloud) -> None:
    for table in _resources(cloud.instance, "AWS::DynamoDB::GlobalTable"):
        if specification := table.get("TimeToLiveSpecification"):
            cloud.lane.emulator.expire(cloud.instance, table["TableName"], specification["AttributeName"])


def _verify_mail_senders(instance: Instance) -> None:
    """On AWS a person proves the sender's address once; here the emulator takes our word."""
    functions = _resources(instance, "AWS::Lambda::Function")
    variables = (function.get("Environment", {}).get("Variables", {}) for function in functions)
    for sender in {names["MAIL_SENDER"] for names in variables if "MAIL_SENDER" in names}:
        aws.client("ses", instance).verify_email_identity(EmailAddress=sender)


def _endpoints(cloud: Cloud) -> Endpoints:
    functions = _resources(cloud.instance, "AWS::Lambda::Function")
    modes = {function.get("Environment", {}).get("Variables", {}).get("MEDIA_DELIVERY") for function in functions}
    return Endpoints(
        api_url=cloud.instance.api_url,
        search_url=cloud.search_url,
        aws_endpoint=cloud.instance.aws_endpoint,
        media_mode="cdn" if "cdn" in modes else "presigned",
    )
