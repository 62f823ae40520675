"""Look inside a running local cloud: status, logs, mail, and one invocation."""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from local import aws
from local.cloud import Cloud
from local.deploy import source_hash
from local.errors import CloudError
from local.instance import NAMESPACE, ROOT, STATE, Endpoints, Instance
from local.processes import Program

# How a runtime says that a function has raised, was cut off or ended, and how our own API handlers say it.
TRACEBACK = "Traceback (most recent call last)"
UNHANDLED = re.compile(rf'^(\[ERROR\]|{re.escape(TRACEBACK)}|.*Task timed out|\{{.*"unexpected failure")')

_EVER = datetime.fromtimestamp(0, UTC)


def status(cloud: Cloud) -> None:
    """What runs where, whether it is up to date, and how many messages wait or failed."""
    for program in cloud.programs:
        print(f"{program.name:<10} {_state(program)}")
    if not cloud.running() or not cloud.instance.endpoints_file.exists():
        print(f"Not up. `make up{_port_argument(cloud.instance)}` starts it.{_others(cloud.instance)}")
        return
    for name, value in Endpoints.read(cloud.instance.endpoints_file).to_json().items():
        print(f"{name:<11} {value}")
    deployment = cloud.instance.deployment()
    up_to_date = deployment is not None and deployment.finished and deployment.source == source_hash()
    print(f"deployed   {'this code' if up_to_date else 'older code; `make deploy` updates it'}")
    _print_queues(cloud.instance)


def logs(cloud: Cloud, function: str) -> None:
    """The log lines of one function (`feed-fanout` or its full name), oldest first; raises CloudError without any."""
    name = function if function.startswith(f"{NAMESPACE}-") else f"{NAMESPACE}-{function}"
    groups = _log_groups(cloud.instance)
    if name not in groups:
        known = " ".join(sorted(group.removeprefix(f"{NAMESPACE}-") for group in groups))
        raise CloudError(f"there is no function {function}; there are: {known or 'none'}")
    for line in _lines(cloud.instance, groups[name]):
        print(line)


def save_logs(cloud: Cloud) -> None:
    """Write the log lines of every function to `functions/` in the cloud's directory, for after it is gone."""
    directory = cloud.instance.directory / "functions"
    directory.mkdir(exist_ok=True)
    for name, group in _log_groups(cloud.instance).items():
        (directory / f"{name}.log").write_text("".join(f"{line}\n" for line in _lines(cloud.instance, group)))


def faults(cloud: Cloud) -> list[str]:
    """What went wrong behind the API: signs of it in the emulator's log, and errors that no function has handled."""
    instance = cloud.instance
    found = cloud.lane.emulator.faults(cloud.aws.log.read_text(errors="replace"))
    for name, group in _log_groups(instance).items():
        found += [f"{name}: {fault}" for fault in unhandled(message for _, message in _messages(instance, group))]
    return found


def unhandled(messages: Iterable[str]) -> Iterator[str]:
    """The errors of a log that no function has handled; a traceback of many messages as its first and last line."""
    rest = iter(messages)
    for message in rest:
        if message.startswith(TRACEBACK) and "\n" not in message:
            yield f"{message} {next((line for line in rest if not line.startswith(' ')), '')}".rstrip()
        elif UNHANDLED.match(message):
            yield message


def mails(cloud: Cloud) -> None:
    """Every e-mail the platform has sent, oldest first."""
    sent = cloud.lane.emulator.mails(cloud.instance)
    for mail in sent:
        print(f"To: {', '.join(mail.to)}\nSubject: {mail.subject}\n\n{mail.text.strip()}\n")
    print(f"{len(sent)} e-mails")


def counters(cloud: Cloud, *, repair: bool) -> None:
    """Compare the counters with their sets, and correct them; raises CloudError if they differ, and stay so."""
    if _run_inside(cloud, "local.counters", *(["--repair"] if repair else [])):
        raise CloudError("not every counter is known to be right")


def reindex(cloud: Cloud, *, compare: bool) -> None:
    """Make the index anew from the tables, or only compare and mend it; raises CloudError if they differ, and stay so.

    The index is on one node here, so INDEX_SCALE is left at its default.
    """
    if _run_inside(cloud, "local.reindex", *(["--compare"] if compare else [])):
        raise CloudError("the index is not known to be right")


def _run_inside(cloud: Cloud, module: str, *arguments: str) -> int:
    """The exit code of a program that goes by the environment of the SDK."""
    own = {
        "NAMESPACE": NAMESPACE,
        "AWS_REGION": aws.REGION,
        "AWS_DEFAULT_REGION": aws.REGION,
        "AWS_ENDPOINT_URL": cloud.instance.aws_endpoint,
        "SEARCH_ENDPOINT": cloud.search_url,
        "POWERTOOLS_SERVICE_NAME": "local",
        "POWERTOOLS_METRICS_NAMESPACE": "Heliograph",
        **aws.CREDENTIALS,
    }
    paths = os.pathsep.join([str(ROOT), str(ROOT / "layers/shared/python")])
    environment = {**os.environ, **own, "PYTHONPATH": paths}
    return subprocess.run([sys.executable, "-m", module, *arguments], env=environment, check=False).returncode


def invoke(cloud: Cloud, function: str, event: Path) -> None:
    """Run one deployed function on a sample event and print its answer; raises CloudError if the function fails."""
    answer = aws.client("lambda", cloud.instance).invoke(
        FunctionName=f"{NAMESPACE}-{function.removeprefix(f'{NAMESPACE}-')}", Payload=event.read_bytes()
    )
    json.dump(json.loads(answer["Payload"].read() or "null"), sys.stdout, indent=2)
    print()
    if "FunctionError" in answer:
        raise CloudError(f"{function} failed: {answer['FunctionError']}")


def function_messages(instance: Instance, since: datetime) -> dict[str, list[tuple[datetime, str]]]:
    """What each function has logged since then; those that have not are left out."""
    said = {name: list(_messages(instance, group, since)) for name, group in _log_groups(instance).items()}
    return {name: messages for name, messages in said.items() if messages}


def _log_groups(instance: Instance) -> dict[str, str]:
    """The log group of each function, by the function's name."""
    pages = aws.client("logs", instance).get_paginator("describe_log_groups").paginate()
    names = (group["logGroupName"] for page in pages for group in page["logGroups"])
    return {name.rsplit("/", 1)[-1]: name for name in names}


def _lines(instance: Instance, group: str) -> Iterator[str]:
    for time, message in _messages(instance, group):
        yield f"{time.replace(tzinfo=None).isoformat(sep=' ', timespec='milliseconds')} {_readable(message)}"


def _messages(instance: Instance, group: str, since: datetime = _EVER) -> Iterator[tuple[datetime, str]]:
    pages = aws.client("logs", instance).get_paginator("filter_log_events")
    for page in pages.paginate(logGroupName=group, startTime=int(since.timestamp() * 1000)):
        for event in page["events"]:
            yield datetime.fromtimestamp(event["timestamp"] / 1000, UTC), event["message"].rstrip()


def _readable(line: str) -> str:
    """A log line with the traceback that is inside it, on lines of its own."""
    try:
        entry = json.loads(line)
    except ValueError:
        return line
    traceback = entry.pop("exception", None) if isinstance(entry, dict) else None
    return f"{json.dumps(entry, ensure_ascii=False)}\n{traceback}" if traceback else line


def waiting_messages(instance: Instance) -> Counter[str]:
    """How many messages wait in each queue."""
    service = aws.client("sqs", instance)
    waiting: Counter[str] = Counter()
    for url in service.list_queues().get("QueueUrls", []):
        attributes = service.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
        waiting[url.rsplit("/", 1)[-1]] = int(attributes["Attributes"]["ApproximateNumberOfMessages"])
    return waiting


def failed_messages(waiting: Counter[str]) -> dict[str, int]:
    """Those of the queues that are dead-letter queues and not empty."""
    return {name: count for name, count in waiting.items() if name.endswith("-dlq") and count}


def _print_queues(instance: Instance) -> None:
    waiting = waiting_messages(instance)
    failed = failed_messages(waiting)
    print(f"queues     {len(waiting)}, {waiting.total() - sum(failed.values())} messages waiting")
    for name, count in sorted(failed.items()):
        print(f"           {count} failed messages in {name}")


def _state(program: Program) -> str:
    if (pid := program.pid()) is not None:
        return f"running (process {pid}, log {program.log})"
    return "stopped unexpectedly" if program.crashed() else "not running"


def _others(instance: Instance) -> str:
    ports = sorted(path.parent.name for path in STATE.glob("*/endpoints.json") if path.parent != instance.directory)
    return f" Others in this checkout: {', '.join(ports)}." if ports else ""


def _port_argument(instance: Instance) -> str:
    return "" if instance == Instance.on(4566) else f" PORT={instance.port}"
