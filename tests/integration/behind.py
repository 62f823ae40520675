"""The cloud under test from behind: its queues, and functions of the tests' own."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.instance import NAMESPACE
from tests.running import FAILING

Aws = Callable[[str], Any]
PHOTO = (Path(__file__).parents[1] / "data" / "sunset.jpg").read_bytes()


@dataclass(frozen=True)
class Queue:
    """A queue of the cloud under test, from behind."""

    sqs: Any
    name: str

    @property
    def url(self) -> str:
        return str(self.sqs.get_queue_url(QueueName=self.name)["QueueUrl"])

    def send(self, *bodies: str) -> None:
        """Send messages in one call, so that they come as neighbours."""
        entries = [{"Id": str(number), "MessageBody": body} for number, body in enumerate(bodies)]
        assert not self.sqs.send_message_batch(QueueUrl=self.url, Entries=entries).get("Failed")

    def empty(self) -> None:
        self.sqs.purge_queue(QueueUrl=self.url)

    def waiting(self) -> int:
        """Messages that are visible or being worked on."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        attributes = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=names)["Attributes"]
        return sum(int(attributes[name]) for name in names)

    @contextmanager
    def impatient(self) -> Iterator[None]:
        """Redeliver after a second, so that a test need not wait for the third try."""
        before = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["VisibilityTimeout"])["Attributes"]
        self.sqs.set_queue_attributes(QueueUrl=self.url, Attributes={"VisibilityTimeout": "1"})
        try:
            yield
        finally:
            self.sqs.set_queue_attributes(QueueUrl=self.url, Attributes=before)

    def receive(self) -> list[dict[str, Any]]:
        """The bodies of some waiting messages, as JSON; they are taken."""
        messages = self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get("Messages", [])
        for message in messages:
            self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in messages]


@contextmanager
def function(aws: Aws, name: str, source: str) -> Iterator[str]:
    """The ARN of a function whose module `handler` has this source, gone afterwards. It may fail on purpose."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("handler.py", source)
    client = aws("lambda")
    role = client.get_function_configuration(FunctionName=f"{NAMESPACE}-feed-fanout")["Role"]
    made = client.create_function(
        FunctionName=f"{FAILING}{name}",
        Runtime="python3.13",
        Handler="handler.handle",
        Role=role,
        Code={"ZipFile": archive.getvalue()},
        Timeout=10,
    )
    try:
        client.get_waiter("function_active_v2").wait(FunctionName=made["FunctionName"], WaiterConfig={"Delay": 1})
        yield made["FunctionArn"]
    finally:
        client.delete_function(FunctionName=made["FunctionName"])
