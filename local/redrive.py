"""Take up again what failed, once its cause is mended: `make redrive`; on AWS `python -m local.redrive`.

Messages of a dead-letter queue go back to the queue they came from. For a batch of a table's stream there is no queue:
its records are read again, as long as the stream has them (a day), and given to the function that failed.

Everything may be done twice: a letter is deleted after it has arrived.
"""

import base64
import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import boto3
from botocore.exceptions import ClientError

from local.errors import CloudError
from local.instance import NAMESPACE

Clients = Callable[[str], Any]
Json = dict[str, Any]

DEAD = "-dlq"
STREAM_LETTERS = f"{NAMESPACE}-publishers{DEAD}"
# Nobody else should take a letter while its records are worked on.
STREAM_SECONDS = 120


class StillFailing(CloudError):
    """A letter cannot be taken up: it stays where it is."""


def redrive(client: Clients) -> None:
    """Take up everything that failed, and print how much of each queue. Raises StillFailing at the end.

    Only what was there in the beginning, so that a message that fails again does not go round for ever.
    """
    queues = client("sqs")
    taken: Counter[str] = Counter()
    failed: list[str] = []
    for url in _dead_letter_queues(queues):
        name = url.rsplit("/", 1)[-1]
        for letter in _letters(queues, url):
            try:
                _take_up(client, url, letter)
            except StillFailing as error:
                failed.append(f"{name}: {error}")
                queues.change_message_visibility(
                    QueueUrl=url, ReceiptHandle=letter["ReceiptHandle"], VisibilityTimeout=0
                )
                continue
            queues.delete_message(QueueUrl=url, ReceiptHandle=letter["ReceiptHandle"])
            taken[name] += 1
    for name, count in sorted(taken.items()):
        print(f"{count} messages of {name} are taken up again")
    if failed:
        raise StillFailing("\n".join(failed))


def _take_up(client: Clients, url: str, letter: Json) -> None:
    if url.endswith(STREAM_LETTERS):
        _tell_again(client, json.loads(letter["Body"]))
    else:
        _send(client("sqs"), url.removesuffix(DEAD), letter)


def _dead_letter_queues(queues: Any) -> Iterator[str]:
    for page in queues.get_paginator("list_queues").paginate(QueueNamePrefix=f"{NAMESPACE}-"):
        yield from (url for url in page.get("QueueUrls", []) if url.endswith(DEAD))


def _letters(queues: Any, url: str) -> Iterator[Json]:
    name = "ApproximateNumberOfMessages"
    left = int(queues.get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"][name])
    while left > 0:
        found = queues.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=min(left, 10),
            MessageAttributeNames=["All"],
            MessageSystemAttributeNames=["MessageGroupId"],
            VisibilityTimeout=STREAM_SECONDS,
        ).get("Messages", [])
        if not found:
            return
        yield from found
        left -= len(found)


def _send(queues: Any, url: str, letter: Json) -> None:
    group = letter.get("Attributes", {}).get("MessageGroupId")
    queues.send_message(
        QueueUrl=url,
        MessageBody=letter["Body"],
        MessageAttributes=letter.get("MessageAttributes", {}),
        **({"MessageGroupId": group} if group else {}),
    )


def _tell_again(client: Clients, letter: Json) -> None:
    """Invoke the function that failed with the records that it failed on."""
    batch = letter["DDBStreamBatchInfo"]
    functions = client("lambda")
    records = [_as_delivered(record, batch["streamArn"]) for record in _records(client("dynamodbstreams"), batch)]
    mappings = functions.list_event_source_mappings(EventSourceArn=batch["streamArn"])["EventSourceMappings"]
    for mapping in mappings:
        name = mapping["FunctionArn"]
        answer = functions.invoke(FunctionName=name, Payload=json.dumps({"Records": records}, default=_plain))
        told = json.loads(answer["Payload"].read() or "null") or {}
        if "FunctionError" in answer or told.get("batchItemFailures"):
            raise StillFailing(f"{name.rsplit(':', 1)[-1]} fails again: {json.dumps(told)[:300]}")


def _records(streams: Any, batch: Json) -> Iterator[Json]:
    try:
        at = streams.get_shard_iterator(
            StreamArn=batch["streamArn"],
            ShardId=batch["shardId"],
            ShardIteratorType="AT_SEQUENCE_NUMBER",
            SequenceNumber=batch["startSequenceNumber"],
        ).get("ShardIterator")
    except ClientError as error:
        raise StillFailing(f"the records are gone from the stream: {error}") from error
    while at:
        page = streams.get_records(ShardIterator=at)
        for record in page["Records"]:
            yield record
            if int(record["dynamodb"]["SequenceNumber"]) >= int(batch["endSequenceNumber"]):
                return
        at = page.get("NextShardIterator")


def _as_delivered(record: Json, arn: str) -> Json:
    """A record of the stream's API in the form in which Lambda hands it over."""
    identity = {name[0].lower() + name[1:]: value for name, value in record.get("userIdentity", {}).items()}
    return {**record, "eventSourceARN": arn, **({"userIdentity": identity} if identity else {})}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(f"{type(value).__name__} in a record")


if __name__ == "__main__":
    redrive(boto3.client)  # pyright: ignore[reportArgumentType] - the name is a variable
