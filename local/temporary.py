"""A local cloud of its own for one test run or one benchmark, on free ports, gone afterwards."""

import fcntl
import shutil
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from local.cloud import Cloud
from local.clouds import Lane
from local.deploy import deploy
from local.instance import STATE, Instance
from local.operate import save_logs
from local.processes import free_port, held

_OWNER = "owner.lock"


@contextmanager
def temporary_cloud(lane: Lane | None = None, extra_environment: Mapping[str, str] | None = None) -> Generator[Cloud]:
    """Start and deploy a cloud, and stop it whatever happens. Its logs stay until the next."""
    sweep()
    port = free_port()
    cloud = Cloud(Instance(port, STATE / f"test-{port}"), lane or Lane.of())
    cloud.instance.directory.mkdir(parents=True)
    with (cloud.instance.directory / _OWNER).open("w") as owner:
        fcntl.flock(owner, fcntl.LOCK_EX)
        try:
            cloud.start(extra_environment)
            deploy(cloud)
            yield cloud
            save_logs(cloud)
        finally:
            cloud.stop()


def sweep() -> None:
    """Stop and remove the clouds of runs that were killed before they could do so."""
    for directory in STATE.glob("test-*"):
        if not held(directory / _OWNER):
            Cloud.on(Instance(_port(directory), directory)).stop()
            shutil.rmtree(directory, ignore_errors=True)


def _port(directory: Path) -> int:
    return int(directory.name.removeprefix("test-"))
