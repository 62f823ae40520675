"""What a failed test over HTTP says besides: what the functions have logged since it began, and the dead letters."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local import aws
from local.cloud import Cloud
from local.instance import NAMESPACE
from local.operate import UNHANDLED, failed_messages, function_messages, waiting_messages

# Besides errors and warnings, of each function: its last words usually say how far it came.
LAST = 3
_FRAME = ("START ", "END ", "REPORT ", "INIT_START")
_LEVELS = {"WARNING", "ERROR", "CRITICAL"}
# Members of a log entry that say nothing of this test.
_USUAL = {
    "level",
    "message",
    "exception",
    "exception_name",
    "stack_trace",
    "location",
    "timestamp",
    "service",
    "cold_start",
    "xray_trace_id",
}
Lines = Mapping[str, Sequence[tuple[datetime, str]]]


def gathered(cloud: Cloud, since: datetime) -> str:
    """The evidence as text; of a cloud that does not answer any more, that it does not."""
    try:
        dead = {
            name: _first(cloud, name, count)
            for name, count in failed_messages(waiting_messages(cloud.instance)).items()
        }
        text = shown(function_messages(cloud.instance, since), dead)
    except (BotoCoreError, ClientError) as error:
        text = f"the cloud does not answer: {error}"
    return f"{text}\nthe emulator's own log: {cloud.aws.log}"


def shown(lines: Lines, dead: Mapping[str, str]) -> str:
    """Errors, warnings and the last lines of each function that has run, in the order of time; then dead letters."""
    names = {name: name.removeprefix(f"{NAMESPACE}-") for name in lines}
    chosen = sorted((time, names[name], line) for name, said in lines.items() for time, line in _chosen(said))
    logged = [f"{time:%H:%M:%S}.{time.microsecond // 1000:03} {name}: {_short(line)}" for time, name, line in chosen]
    letters = [f"dead letters in {name}: {letter}" for name, letter in sorted(dead.items())]
    return "\n".join([*(logged or ["no function has logged anything"]), *(letters or ["no dead letters"])])


def _chosen(said: Sequence[tuple[datetime, str]]) -> list[tuple[datetime, str]]:
    said = [(time, line) for time, line in said if not line.startswith(_FRAME)]
    return [entry for number, entry in enumerate(said) if number >= len(said) - LAST or _matters(entry[1])]


def _matters(line: str) -> bool:
    entry = _entry(line)
    return entry.get("level") in _LEVELS if entry else bool(UNHANDLED.match(line))


def _short(line: str) -> str:
    """A line in the platform's own format as words; metrics as their values."""
    entry = _entry(line)
    if not entry:
        return line
    if described := entry.get("_aws"):
        names = [metric["Name"] for metrics in described["CloudWatchMetrics"] for metric in metrics["Metrics"]]
        return " ".join(f"{name}={sum(entry[name]):g}" for name in names)
    more = {name: value for name, value in entry.items() if name not in _USUAL and not name.startswith("function_")}
    words = [str(entry.get("level", "")), str(entry.get("message", "")), json.dumps(more) if more else ""]
    return "\n".join([" ".join(filter(None, words)), *filter(None, [entry.get("exception")])])


def _entry(line: str) -> dict[str, Any]:
    """The members of a structured line; none of any other."""
    try:
        entry = json.loads(line)
    except ValueError:
        return {}
    return entry if isinstance(entry, dict) else {}


def _first(cloud: Cloud, queue: str, count: int) -> str:
    """How many there are, and the beginning of one, which stays where it is."""
    sqs = aws.client("sqs", cloud.instance)
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    messages = sqs.receive_message(QueueUrl=url, VisibilityTimeout=0).get("Messages", [])
    return " ".join([str(count), *(message["Body"][:300] for message in messages[:1])])
