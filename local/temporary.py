"""A local cloud of its own for one test run or one benchmark, on free ports, gone afterwards."""

import fcntl
import shutil
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

from local.cloud import Cloud
from local.clouds import Lane
from local.deploy import deploy
from local.instance import ROOT, STATE, Instance
from local.operate import save_logs
from local.processes import free_port, held

_OWNER = "owner.lock"


@contextmanager
def temporary_cloud(lane: Lane | None = None, extra_environment: Mapping[str, str] | None = None) -> Generator[Cloud]:
    """Start and deploy a cloud, and stop it whatever happens. Its logs stay until the next."""
    with started(lane, extra_environment) as cloud:
        deploy(cloud)
        yield cloud
        save_logs(cloud)


@contextmanager
def started(lane: Lane | None = None, extra_environment: Mapping[str, str] | None = None) -> Generator[Cloud]:
    """Start a cloud with nothing deployed to it, and stop it whatever happens."""
    with ExitStack() as owned:
        with _alone():
            _sweep()
            port = free_port()
            cloud = Cloud(Instance(port, STATE / f"test-{port}"), lane or Lane.of())
            cloud.instance.directory.mkdir()
            owned.enter_context(_locked(cloud.instance.directory / _OWNER))
        with _ending_with_us(cloud):
            cloud.start(extra_environment)
            yield cloud


@contextmanager
def _ending_with_us(cloud: Cloud) -> Generator[None]:
    """Stop the cloud when the block ends, or this process does, even if it is killed."""
    command = [sys.executable, "-m", "local.temporary", cloud.instance.directory]
    # Only this process has the other end of the pipe, and the system closes it when the process ends.
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, start_new_session=True):
        try:
            yield
        finally:
            cloud.stop()


def sweep() -> None:
    """Stop and remove the clouds of runs that were killed before they could do so."""
    with _alone():
        _sweep()


def _sweep() -> None:
    for directory in STATE.glob("test-*"):
        if not held(directory / _OWNER):
            Cloud.on(Instance(_port(directory), directory)).stop()
            shutil.rmtree(directory, ignore_errors=True)


def _alone() -> AbstractContextManager[None]:
    """A cloud that is just being made has no owner yet: nobody may sweep meanwhile."""
    STATE.mkdir(exist_ok=True)
    return _locked(STATE / "temporary.lock")


@contextmanager
def _locked(path: Path) -> Generator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _port(directory: Path) -> int:
    return int(directory.name.removeprefix("test-"))


if __name__ == "__main__":  # the other end of `_ending_with_us`
    sys.stdin.read()
    left = Path(sys.argv[1])
    Cloud.on(Instance(_port(left), left)).stop()
