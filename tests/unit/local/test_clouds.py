import sys
from pathlib import Path

import pytest

from local.clouds import EMULATORS, ENGINES, Lane, localstack, pythons
from local.clouds.emulator import Feature
from local.clouds.localstack import LocalStack
from local.instance import Instance


def test_an_emulator_brings_its_search_engine_unless_another_is_asked_for() -> None:
    titles = [Lane.of().title, Lane.of("localstack").title, Lane.of(search="opensearch").title]
    assert titles == [
        "MiniStack with osmem",
        "LocalStack 4.14.0 with OpenSearch",
        "MiniStack with OpenSearch",
    ]


def test_what_one_cloud_does_not_offer_another_does() -> None:
    assert {feature for emulator in EMULATORS.values() for feature in emulator.offers} == set(Feature)


def test_the_engines_are_told_apart_by_name() -> None:
    assert sorted(ENGINES) == ["opensearch", "osmem"]


def test_a_silent_failure_in_localstacks_log_is_a_fault() -> None:
    log = 'AWS s3.PutObject => 200\nNo resource provider found for "Custom::S3Notifications"\n'
    assert LocalStack().faults(log) == ['No resource provider found for "Custom::S3Notifications"']


def test_in_docker_the_container_gets_every_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a machine with Docker
    monkeypatch.setattr(localstack, "docker_answers", lambda: True)
    cloud, instance = LocalStack(), Instance(4600, tmp_path)
    settings = cloud.environment(instance, "http://localhost:9300")
    compose = localstack.COMPOSE.read_text()
    # Then compose hands on all that is set, and brings the search engine on the port that was chosen
    assert [name for name in settings if name not in compose] == []
    assert (settings["PORT"], settings["SEARCH_PORT"], cloud.brings_search) == ("4600", "9300", True)
    assert list(cloud.command(instance))[:4] == ["docker", "compose", "--file", localstack.COMPOSE]


def test_a_python_is_one_that_runs_and_has_the_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given one that is only a name, as pyenv leaves on the path
    shim = tmp_path / "python3.13"
    shim.write_text("#!/bin/sh\nexit 127\n")
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    assert pythons.find([(3, 13)]) is None
    # And one that pyenv holds
    mine = sys.version_info[:2]
    folder = tmp_path / "pyenv" / "versions" / f"{mine[0]}.{mine[1]}.99" / "bin"
    folder.mkdir(parents=True)
    (folder / "python").symlink_to(sys.executable)
    assert pythons.find([(3, 13), mine]) == folder / "python"
