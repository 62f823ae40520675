"""Start and stop what a cloud consists of: an emulator of AWS, and a search engine beside it."""

import json
import os
import shutil
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from local import node
from local.clouds import Lane
from local.errors import CloudError
from local.instance import Instance
from local.processes import Program
from local.progress import note, step

# OpenSearch on a busy machine takes longest.
_START_SECONDS = 120.0


@dataclass(frozen=True)
class Cloud:
    """The programs of one instance."""

    instance: Instance
    lane: Lane

    @classmethod
    def on(cls, instance: Instance) -> "Cloud":
        """The cloud that was started last on this instance; the default one if none was."""
        written = json.loads(_lane_file(instance).read_text()) if _lane_file(instance).exists() else {}
        return cls(instance, Lane.of(**written))

    @property
    def aws(self) -> Program:
        """The emulator of AWS."""
        return Program(self.lane.emulator.name, self.instance.directory)

    @property
    def search(self) -> Program:
        """The search engine; its port is written beside it, for it is chosen at every start."""
        return Program(self.lane.search.name, self.instance.directory)

    @property
    def programs(self) -> list[Program]:
        """What runs while the cloud does."""
        return [self.aws] if self.lane.emulator.brings_search else [self.search, self.aws]

    @property
    def search_url(self) -> str:
        """Where the running search engine answers."""
        return f"http://localhost:{self.instance.port_of('search')}"

    def running(self) -> bool:
        """Whether everything is alive."""
        return all(program.running() for program in self.programs)

    def start(self, extra_environment: Mapping[str, str] | None = None) -> None:
        """Start everything and wait until it answers; raises CloudError if the port is taken or a program fails."""
        _require_free(self.instance.port)
        emulator = self.lane.emulator
        emulator.prepare()
        shutil.rmtree(self.instance.temporary, ignore_errors=True)
        self.instance.temporary.mkdir(parents=True)
        _lane_file(self.instance).write_text(json.dumps({"emulator": emulator.name, "search": self.lane.search.name}))
        self.instance.choose_port("search")
        if not emulator.brings_search:
            self.start_search()
        command = emulator.command(self.instance)
        with step(f"starting {emulator.title} on port {self.instance.port}"):
            environment = {**_plain_environment(), **emulator.environment(self.instance, self.search_url)}
            self.aws.start(command, {**environment, **(extra_environment or {})})
            self._wait(self.aws, f"{self.instance.aws_endpoint}{emulator.health_path}")

    def start_search(self) -> None:
        """Start the search engine, on the port that was chosen for it, and wait until it answers. Raises CloudError."""
        port = self.instance.port_of("search")
        command = self.lane.search.command(port, self.instance.temporary / "search")
        with step(f"starting {self.lane.search.title} on port {port}"):
            self.search.start(command, _plain_environment())
            self._wait(self.search, self.search_url)

    def stop(self) -> None:
        """Stop everything, and forget what it held."""
        for program in reversed(self.programs):
            program.stop()
        self.lane.emulator.clean(self.instance)
        self.instance.forget()
        _lane_file(self.instance).unlink(missing_ok=True)

    def clean(self) -> None:
        """Clear away what a crash has left, and say so."""
        crashed = [program.name for program in self.programs if program.crashed()]
        if crashed:
            note(f"{' and '.join(crashed)} had stopped unexpectedly; starting afresh (log: {self.instance.directory})")
        self.stop()

    def _wait(self, program: Program, url: str) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and program.running():
            try:
                if httpx.get(url, trust_env=False).is_success:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.05)
        raise CloudError(f"{program.name} did not start; its log is {program.log}")


def _lane_file(instance: Instance) -> Path:
    return instance.directory / "lane.json"


def _plain_environment() -> dict[str, str]:
    """Nothing of the person's own AWS configuration may reach the emulated functions."""
    kept = {name: os.environ[name] for name in ("HOME", "LANG", "LC_ALL") if name in os.environ}
    return kept | {"PATH": node.path(), "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}


def _require_free(port: int) -> None:
    try:
        with socket.create_server(("127.0.0.1", port)):
            return
    except OSError as error:
        raise CloudError(
            f"port {port} is in use by another program (perhaps another checkout's cloud: `make down` there). "
            "Choose another with `make up PORT=...`."
        ) from error
