"""Hostile files against one worker, which has to be there at the end."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from infrastructure.catalogue import RESIZERS
from tests.hostile.corpus import Hostile, corpus
from tests.hostile.outcomes import OUTCOMES, Outcome

ROOT = Path(__file__).parents[2]
RESIZER = RESIZERS[0].function
# As much as all files together may take; one that takes this alone has stopped the worker.
CPU_SECONDS = RESIZER.timeout_seconds


@pytest.fixture(scope="module")
def files() -> list[Hostile]:
    return corpus()


@pytest.fixture(scope="module")
def outcomes(
    files: list[Hostile], tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> list[Outcome]:
    """What one worker made of each file, in the memory that the function has."""
    folder = tmp_path_factory.mktemp("uploads")
    names = {f"{number:04}": file for number, file in enumerate(files)}
    for name, file in names.items():
        (folder / name).write_bytes(file.content)
    command = [sys.executable, "-m", "tests.hostile.worker", folder, RESIZER.memory_mb, CPU_SECONDS]
    environment = {"PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "layers" / "shared" / "python")))}
    done = subprocess.run([*map(str, command)], env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"name"')]
    assert done.returncode == 0, f"the worker died of {names[f'{len(lines):04}'].name}: {done.stderr[-2000:]}"
    request.config.stash[OUTCOMES] = [
        Outcome(names[line["name"]], line["verdict"], line["cpuSeconds"], line["peakMegabytes"], line["leaked"])
        for line in lines
    ]
    return request.config.stash[OUTCOMES]


def test_corpus_has_over_two_hundred_different_files(files: list[Hostile]) -> None:
    assert len(files) > 200
    assert len({file.content for file in files}) == len(files)
    assert len({(file.kind, file.name) for file in files}) == len(files)


def test_each_file_is_rejected_for_its_reason_or_re_encoded(outcomes: list[Outcome], files: list[Hostile]) -> None:
    wrong = [f"{o.file.kind}, {o.file.name}: {o.verdict}" for o in outcomes if o.verdict not in o.file.right]
    assert wrong == []
    assert len(outcomes) == len(files)


def test_renditions_hold_no_hidden_bytes(outcomes: list[Outcome]) -> None:
    assert [outcome.file.name for outcome in outcomes if outcome.leaked] == []
    assert Counter(outcome.verdict for outcome in outcomes)["ready"] > 0


def test_worker_stays_within_its_memory(outcomes: list[Outcome]) -> None:
    assert max(outcome.peak_megabytes for outcome in outcomes) < RESIZER.memory_mb


def test_the_same_files_come_from_the_same_seed(files: list[Hostile]) -> None:
    # Encoders may time themselves into a file; the script must not.
    assert [(file.kind, file.name) for file in corpus()] == [(file.kind, file.name) for file in files]
