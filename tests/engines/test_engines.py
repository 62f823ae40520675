"""The engines as programs."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from local.client import wait_until
from local.instance import ROOT
from local.java import JavaError
from tests.engines.engines import running

A_RUN = """
import os, sys
from pathlib import Path
os.environ |= {"NAMESPACE": "test", "AWS_REGION": "us-east-1", "POWERTOOLS_METRICS_NAMESPACE": "Heliograph"}
from tests.engines.engines import running
with running("osmem", Path(sys.argv[1])) as engine:
    print(engine.url, flush=True)
    sys.stdin.read()
"""


def test_start_without_java_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(JavaError, match="Java 17 or newer is needed"), running("opensearch", tmp_path):
        pass


def test_killed_run_leaves_no_engine(tmp_path: Path) -> None:
    # given a run with an engine
    paths = os.pathsep.join([str(ROOT), str(ROOT / "layers/shared/python")])
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": paths}
    command = [sys.executable, "-c", A_RUN, tmp_path]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout
        url = run.stdout.readline().strip()
        assert httpx.get(url, trust_env=False).is_success
        # when it is killed
        run.send_signal(signal.SIGKILL)
    # then
    wait_until(lambda: _is_gone(url), what="the end of the engine")


def _is_gone(url: str) -> bool:
    try:
        httpx.get(url, trust_env=False)
    except httpx.ConnectError:
        return True
    return False
