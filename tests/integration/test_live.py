"""Live documents in AppConfig, as AWS keeps them; a local cloud's own are in SSM, and tested with the rate limits."""

import uuid
from typing import Any

import pytest

from heliograph import aws as own_aws
from heliograph import config, live
from heliograph.load import Load
from local.clouds.emulator import Feature
from tests.integration.behind import Aws

pytestmark = pytest.mark.needs(Feature.APPCONFIG)


@pytest.fixture
def store(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> live.AppConfig:
    """A store with an empty document in force, made as the stack makes it."""
    client = aws("appconfig")
    application = client.create_application(Name=f"test-{uuid.uuid4()}")["Id"]
    environment = client.create_environment(ApplicationId=application, Name="live")["Id"]
    profile = client.create_configuration_profile(ApplicationId=application, Name="load", LocationUri="hosted")["Id"]
    strategy = client.create_deployment_strategy(
        Name="at-once", DeploymentDurationInMinutes=0, FinalBakeTimeInMinutes=0, GrowthFactor=100, ReplicateTo="NONE"
    )["Id"]
    ids = {"APPLICATION": application, "ENVIRONMENT": environment, "PROFILE": profile, "STRATEGY": strategy}
    for name, value in ids.items():
        monkeypatch.setenv(f"LIVE_{name}", value)
    monkeypatch.setattr(own_aws, "client", aws)
    config.forget()
    return live.AppConfig()


def read(store: live.AppConfig) -> Load:
    return Load.model_validate_json(store.fetch("load"))


def test_changed_document_reaches_all_readers(store: live.AppConfig) -> None:
    # given
    other = live.AppConfig()
    # when
    store.put("load", Load(factor=0.5).model_dump_json())
    # then, however often it is asked for
    assert [read(store).factor for _ in range(3)] == [0.5] * 3
    assert read(other).factor == 0.5
    # and the next follows at once
    store.put("load", Load(factor=0.6).model_dump_json())
    assert read(store).factor == read(other).factor == 0.6


def test_only_newest_document_versions_are_kept(
    store: live.AppConfig, aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr(live, "VERSIONS_KEPT", 2)
    # when
    for tenths in range(1, 6):
        store.put("load", Load(factor=tenths / 10).model_dump_json())
    # then
    settings: dict[str, Any] = {
        "ApplicationId": config.read(live.AppConfigSettings).live_application,
        "ConfigurationProfileId": config.read(live.WriterSettings).live_profile,
    }
    versions = aws("appconfig").list_hosted_configuration_versions(**settings)["Items"]
    assert sorted(version["VersionNumber"] for version in versions) == [4, 5]
    assert read(store).factor == 0.5
