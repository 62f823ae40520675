"""What the commands need to know of an emulator of AWS."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar

from local import aws
from local.instance import ROOT, Instance


class Feature(StrEnum):
    """What AWS does and not every emulator. A test that needs one is not run where it is missing, and listed."""

    DEPLOYMENT = "functions, queues and state machines as deployed"
    APPCONFIG = "AppConfig"
    CDN = "CloudFront"
    PERMISSIONS = "enforced IAM policies"
    SIGNATURES = "checked signatures of S3 forms and URLs"
    STREAM_FAILURES = "partial failures and dead letters of streams"
    EXPIRY = "removal of expired items, with a stream record"
    ERROR_NAMES = "Retry and Catch by the name of an error"
    CONCURRENCY = "reserved concurrency"
    SEARCH_OUTAGE = "a search engine that can be stopped by itself"


@dataclass(frozen=True)
class Mail:
    """An e-mail that the platform has sent."""

    to: Sequence[str]
    subject: str
    text: str


class Emulator(ABC):
    """One emulator of AWS, run as a background program."""

    name: ClassVar[str]
    title: ClassVar[str]
    # Below its own address; answers 200 when it is ready.
    health_path: ClassVar[str]
    default_search: ClassVar[str]
    # What the CDK app is told beside its target and the emulator's address.
    context: ClassVar[Mapping[str, str]] = {}
    cdk: ClassVar[Path] = ROOT / "node_modules" / ".bin" / "cdk"

    @property
    @abstractmethod
    def offers(self) -> frozenset[Feature]:
        """What it does of all that not every emulator does."""

    @property
    def brings_search(self) -> bool:
        """Whether it starts the search engine too."""
        return False

    def prepare(self) -> None:
        """Install what it needs; raises CloudError when that cannot be done."""
        return

    @abstractmethod
    def command(self, instance: Instance) -> Sequence[str | Path]:
        """What starts it."""

    @abstractmethod
    def environment(self, instance: Instance, search_url: str) -> Mapping[str, str]:
        """Its settings; nothing else of a person's own AWS configuration may reach it or the functions in it."""

    @abstractmethod
    def mails(self, instance: Instance) -> list[Mail]:
        """Every e-mail the platform has sent, oldest first."""

    def expire(self, instance: Instance, table: str, attribute: str) -> None:
        """Let items go when their time, in this attribute, has come. Emulators drop a table's TTL specification."""
        enable_expiry(aws.client("dynamodb", instance), table, attribute)

    def faults(self, log: str) -> list[str]:
        """Lines of its log after which a test run cannot be trusted."""
        del log
        return []

    def clean(self, instance: Instance) -> None:
        """Remove what it keeps outside its process."""
        del instance


def enable_expiry(dynamodb: Any, table: str, attribute: str) -> None:
    """Enable time to live on a table unless it is enabled; asking twice is an error."""
    if dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]["TimeToLiveStatus"] != "ENABLED":
        specification = {"Enabled": True, "AttributeName": attribute}
        dynamodb.update_time_to_live(TableName=table, TimeToLiveSpecification=specification)
