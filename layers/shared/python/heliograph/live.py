"""Live documents: settings that change while functions run. Each is a model with defaults, kept as JSON under its name.

    load = live.read(Load)

They live in AppConfig; where a local cloud has none, in SSM parameters (`LIVE_STORE`). A document is asked for every
MAX_AGE_SECONDS. One that cannot be had, or breaks its model, leaves the last good one in force, and at first the
defaults; and so does an instance's first request, because a cold start must not wait for it.

Not read through Powertools Parameters: importing it costs 160 ms, a third of what a handler costs in all.
"""

import time
from functools import cache
from typing import Any, ClassVar, Literal, Protocol, TypeVar, cast

from botocore.exceptions import BotoCoreError, ClientError  # pyright: ignore[reportMissingTypeStubs]
from pydantic import BaseModel, ConfigDict, ValidationError

from heliograph import aws, config
from heliograph.observability import count, logger

MAX_AGE_SECONDS = 30
VERSIONS_KEPT = 10


class Document(BaseModel):
    """Base of live documents; `name` is theirs in the store."""

    # Deferred: a cold start does not read it.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)
    name: ClassVar[str]


D = TypeVar("D", bound=Document)


class Store(Protocol):
    """Where documents are kept, as JSON."""

    def fetch(self, name: str) -> str | bytes: ...

    def put(self, name: str, text: str) -> None: ...


class LiveSettings(config.Settings):
    live_store: Literal["appconfig", "ssm"]


class AppConfigSettings(config.Settings):
    """Ids, as AppConfig asks for them."""

    live_application: str
    live_environment: str


class WriterSettings(config.Settings):
    """A function that writes may write one document."""

    live_profile: str
    live_strategy: str


class AppConfig:
    """One configuration profile for each document, in versions; a deployment puts one of them in force."""

    def __init__(self) -> None:
        self._settings = config.read(AppConfigSettings)
        self._next: dict[str, str] = {}
        self._current: dict[str, bytes] = {}

    def fetch(self, name: str) -> bytes:
        """The document in force. AppConfig answers with nothing when it is the one that it gave last."""
        client = aws.client("appconfigdata")
        token = self._next.pop(name, None) or self._session(client, name)
        answer = client.get_latest_configuration(ConfigurationToken=token)
        self._next[name] = answer["NextPollConfigurationToken"]
        self._current[name] = answer["Configuration"].read() or self._current.get(name, b"")
        return self._current[name]

    def put(self, name: str, text: str) -> None:
        """A new version, in force at once; of the old ones some are kept to look at, for their number is limited."""
        client, writer = aws.client("appconfig"), config.read(WriterSettings)
        profile = {"ApplicationId": self._settings.live_application, "ConfigurationProfileId": writer.live_profile}
        version = client.create_hosted_configuration_version(
            **profile, Content=text.encode(), ContentType="application/json", Description=name
        )["VersionNumber"]
        client.start_deployment(
            **profile,
            EnvironmentId=self._settings.live_environment,
            DeploymentStrategyId=writer.live_strategy,
            ConfigurationVersion=str(version),
        )
        if version > VERSIONS_KEPT:
            client.delete_hosted_configuration_version(**profile, VersionNumber=version - VERSIONS_KEPT)

    def _session(self, client: Any, name: str) -> str:
        return client.start_configuration_session(
            ApplicationIdentifier=self._settings.live_application,
            EnvironmentIdentifier=self._settings.live_environment,
            ConfigurationProfileIdentifier=name,
        )["InitialConfigurationToken"]


class Parameters:
    """One SSM parameter for each document."""

    def fetch(self, name: str) -> str:
        return aws.client("ssm").get_parameter(Name=self._path(name))["Parameter"]["Value"]

    def put(self, name: str, text: str) -> None:
        aws.client("ssm").put_parameter(Name=self._path(name), Value=text, Type="String", Overwrite=True)

    def _path(self, name: str) -> str:
        return f"/{config.read(config.Deployment).namespace}/live/{name}"


@cache
def store() -> Store:
    return AppConfig() if config.read(LiveSettings).live_store == "appconfig" else Parameters()


_known: dict[type[Document], tuple[float, Document]] = {}


def read(model: type[D], *, patient: bool = False) -> D:
    """The document in force, at most MAX_AGE_SECONDS old; see above for when it cannot be had.

    `patient`: waits for it at first, too. For work that nobody waits for, and that must go by it from the start.
    """
    due, known = _known.get(model, (0.0, None))
    if known is None and not patient:
        _known[model] = (0.0, model())
    elif time.monotonic() >= due:
        _known[model] = (time.monotonic() + MAX_AGE_SECONDS, _fresh(model) or known or model())
    return cast("D", _known[model][1])


def fetch(model: type[D]) -> D:
    """The document in force, now. Raises what the store raises, and ValidationError for one that breaks its model."""
    return model.model_validate_json(store().fetch(model.name))


def put(document: Document) -> None:
    """Put a document in force."""
    store().put(document.name, document.model_dump_json())


def forget() -> None:
    """Begin anew (for tests)."""
    _known.clear()
    store.cache_clear()


def _fresh(model: type[D]) -> D | None:
    try:
        return fetch(model)
    except (BotoCoreError, ClientError, ValidationError):
        logger.warning("a live document cannot be read", extra={"document": model.name}, exc_info=True)
        count("LiveDocumentUnavailable")
        return None
