"""Live documents: where they come from, how old they may be, and what happens when they cannot be had."""

import io
import json
import time
from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from botocore.exceptions import ClientError
from pydantic import Field, ValidationError

from heliograph import aws, config, live

# Before the fixture puts its own in the place of it.
FETCH = live.fetch


class Menu(live.Document):
    name: ClassVar[str] = "menu"
    soups: int = Field(default=3, ge=0)


class Ssm:
    """One parameter; None cannot be read."""

    def __init__(self, value: str | None) -> None:
        self.value, self.asked = value, 0

    def get_parameter(self, *, Name: str) -> dict[str, Any]:  # noqa: N803
        self.asked += 1
        assert Name == "/test/live/menu"
        if self.value is None:
            raise ClientError({"Error": {"Code": "ThrottlingException"}}, "GetParameter")
        return {"Parameter": {"Value": self.value}}

    def put_parameter(self, *, Name: str, Value: str, Type: str, Overwrite: bool) -> None:  # noqa: N803
        assert (Name, Type, Overwrite) == ("/test/live/menu", "String", True)
        self.value = Value


class AppConfig:
    """One profile, with versions, of which one is in force; each session is told of it once."""

    def __init__(self) -> None:
        self.versions: dict[int, bytes] = {1: b'{"soups": 1}'}
        self.in_force, self.told, self.sessions = 1, 0, 0

    def start_configuration_session(self, **given: str) -> dict[str, str]:
        assert given == {
            "ApplicationIdentifier": "app",
            "EnvironmentIdentifier": "env",
            "ConfigurationProfileIdentifier": "menu",
        }
        self.sessions, self.told = self.sessions + 1, 0
        return {"InitialConfigurationToken": "first"}

    def get_latest_configuration(self, *, ConfigurationToken: str) -> dict[str, Any]:  # noqa: N803
        assert ConfigurationToken in ("first", "next")
        content = b"" if self.told == self.in_force else self.versions[self.in_force]
        self.told = self.in_force
        return {"Configuration": io.BytesIO(content), "NextPollConfigurationToken": "next"}

    def create_hosted_configuration_version(self, *, Content: bytes, **_: str) -> dict[str, int]:  # noqa: N803
        version = max(self.versions) + 1
        self.versions[version] = Content
        return {"VersionNumber": version}

    def start_deployment(self, *, ConfigurationVersion: str, DeploymentStrategyId: str, **_: str) -> None:  # noqa: N803
        assert DeploymentStrategyId == "at-once"
        self.in_force = int(ConfigurationVersion)

    def delete_hosted_configuration_version(self, *, VersionNumber: int, **_: str) -> None:  # noqa: N803
        del self.versions[VersionNumber]


@pytest.fixture(autouse=True)
def _really(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "fetch", FETCH)


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch) -> Callable[[str | None], Ssm]:
    """A parameter with this text."""

    def made(text: str | None) -> Ssm:
        ssm = Ssm(text)
        monkeypatch.setattr(aws, "client", lambda service: {"ssm": ssm}[service])
        return ssm

    return made


@pytest.fixture
def pass_time(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])

    def passed(seconds: float) -> None:
        now[0] += seconds

    return passed


def test_cold_start_does_not_wait_for_the_live_document(stored: Callable[[str | None], Ssm]) -> None:
    # given
    ssm = stored('{"soups": 5}')
    # then the first request has the defaults, and the second what is in force
    assert (live.read(Menu).soups, ssm.asked) == (3, 0)
    assert (live.read(Menu).soups, ssm.asked) == (5, 1)


def test_waiting_reader_has_the_live_document_from_the_start(stored: Callable[[str | None], Ssm]) -> None:
    # given
    ssm = stored('{"soups": 5}')
    # then it is asked for once
    assert [live.read(Menu, patient=True).soups for _ in range(3)] == [5, 5, 5]
    assert ssm.asked == 1
    # and if it cannot be had there are the defaults
    live.forget()
    stored(None)
    assert live.read(Menu, patient=True).soups == 3


def test_live_document_is_fetched_every_half_minute(
    stored: Callable[[str | None], Ssm], pass_time: Callable[[float], None]
) -> None:
    # given
    ssm = stored('{"soups": 5}')
    [live.read(Menu) for _ in range(10)]
    ssm.value = '{"soups": 7}'
    # when
    pass_time(live.MAX_AGE_SECONDS - 1)
    assert (live.read(Menu).soups, ssm.asked) == (5, 1)
    pass_time(1)
    # then
    assert [live.read(Menu).soups for _ in range(10)] == [7] * 10
    assert ssm.asked == 2


@pytest.mark.parametrize("broken", [None, "not json", '{"soups": -1}', '{"stews": 1}', '"soups"'])
def test_last_valid_document_stays_in_force(
    stored: Callable[[str | None], Ssm], pass_time: Callable[[float], None], broken: str | None
) -> None:
    # given one that was good
    ssm = stored('{"soups": 5}')
    [live.read(Menu) for _ in range(2)]
    # when it breaks, then it is not asked for again and again
    ssm.value = broken
    pass_time(live.MAX_AGE_SECONDS)
    assert [live.read(Menu).soups for _ in range(10)] == [5] * 10
    assert ssm.asked == 2


def test_defaults_apply_without_a_valid_document(stored: Callable[[str | None], Ssm]) -> None:
    stored(None)
    assert [live.read(Menu).soups for _ in range(3)] == [3, 3, 3]
    # and who would change it hears of it
    with pytest.raises(ClientError):
        live.fetch(Menu)
    stored("[]")
    with pytest.raises(ValidationError):
        live.fetch(Menu)


def test_document_is_read_back_as_written(stored: Callable[[str | None], Ssm]) -> None:
    ssm = stored(None)
    live.put(Menu(soups=9))
    assert json.loads(ssm.value or "") == {"soups": 9}
    assert live.fetch(Menu) == Menu(soups=9)


@pytest.fixture
def appconfig(monkeypatch: pytest.MonkeyPatch) -> AppConfig:
    names = ("APPLICATION", "app"), ("ENVIRONMENT", "env"), ("PROFILE", "menu-id"), ("STRATEGY", "at-once")
    for name, value in (("STORE", "appconfig"), *names):
        monkeypatch.setenv(f"LIVE_{name}", value)
    config.forget()
    service = AppConfig()
    monkeypatch.setattr(aws, "client", lambda name: {"appconfig": service, "appconfigdata": service}[name])
    return service


def test_appconfig_is_asked_in_one_session_and_answers_only_what_is_new(appconfig: AppConfig) -> None:
    assert [live.fetch(Menu).soups for _ in range(3)] == [1, 1, 1]
    live.put(Menu(soups=2))
    assert [live.fetch(Menu).soups for _ in range(2)] == [2, 2]
    assert appconfig.sessions == 1


def test_broken_session_is_restarted(appconfig: AppConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    live.fetch(Menu)
    with monkeypatch.context() as broken:
        broken.setattr(appconfig, "get_latest_configuration", Ssm(None).get_parameter)
        with pytest.raises(TypeError):
            live.fetch(Menu)
    # then
    assert live.fetch(Menu).soups == 1
    assert appconfig.sessions == 2


def test_some_old_versions_are_kept(appconfig: AppConfig) -> None:
    for number in range(25):
        live.put(Menu(soups=number))
    assert len(appconfig.versions) == live.VERSIONS_KEPT
    assert live.fetch(Menu) == Menu(soups=24)
