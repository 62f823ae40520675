"""Start and stop the emulators: MiniStack for AWS, osmem for OpenSearch."""

import os
import shutil
import socket
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
import osmem_server

from local.instance import Instance
from local.processes import Program
from local.progress import note, step

_START_SECONDS = 30.0


class CloudError(Exception):
    """The local cloud cannot do what was asked; the message says what to do."""


@dataclass(frozen=True)
class Cloud:
    """The two emulators of one instance."""

    instance: Instance

    @property
    def aws(self) -> Program:
        """MiniStack."""
        return Program("ministack", self.instance.directory)

    @property
    def search(self) -> Program:
        """osmem; its port is written beside it, for it is chosen at every start."""
        return Program("osmem", self.instance.directory)

    @property
    def search_url(self) -> str:
        """Where the running osmem answers."""
        return f"http://localhost:{self._search_port.read_text()}"

    @property
    def _search_port(self) -> Path:
        return self.instance.directory / "osmem.port"

    def running(self) -> bool:
        """Whether both emulators are alive."""
        return self.aws.running() and self.search.running()

    def start(self, extra_environment: Mapping[str, str] | None = None) -> None:
        """Start both emulators and wait until they answer; raises CloudError if the port is taken or one fails."""
        _require_free(self.instance.port)
        shutil.rmtree(self.instance.temporary, ignore_errors=True)
        self.instance.temporary.mkdir(parents=True)
        port = free_port()
        self._search_port.write_text(str(port))
        with step(f"starting OpenSearch (osmem) on port {port}"):
            self.search.start(
                [osmem_server.resolve_binary(), "-addr", f"127.0.0.1:{port}", "-no-stdin-watch", "-no-ja"],
                _plain_environment(),
            )
            self._wait(self.search, self.search_url)
        with step(f"starting AWS (MiniStack) on port {self.instance.port}"):
            self.aws.start(
                # -P: the checkout must not be importable, or functions could import what their archives lack.
                [sys.executable, "-P", "-m", "ministack"],
                {**self._aws_environment(port), **(extra_environment or {})},
            )
            self._wait(self.aws, f"{self.instance.aws_endpoint}/_ministack/health")

    def stop(self) -> None:
        """Stop both emulators, and forget what they held."""
        self.aws.stop()
        self.search.stop()
        self.instance.forget()

    def clean(self) -> None:
        """Clear away what a crash has left, and say so."""
        crashed = [program.name for program in (self.aws, self.search) if program.crashed()]
        if crashed:
            note(f"{' and '.join(crashed)} had stopped unexpectedly; starting afresh (log: {self.instance.directory})")
        self.stop()

    def _aws_environment(self, search_port: int) -> dict[str, str]:
        return _plain_environment() | {
            "GATEWAY_PORT": str(self.instance.port),
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_HOST": "localhost",
            "MINISTACK_OPENSEARCH_ENDPOINT": f"localhost:{search_port}",
            # Enforces the IAM policies of the functions' roles, and the signatures of presigned URLs and forms.
            "AUTH": "true",
            "LAMBDA_EXECUTOR": "local",
            "LAMBDA_ACCOUNT_CONCURRENCY": "32",
            "LAMBDA_WARM_TTL_SECONDS": "60",
            "SFTP_ENABLED": "0",
            "IOT_MTLS_ENABLED": "0",
            "TMPDIR": str(self.instance.temporary),
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
        }

    def _wait(self, program: Program, url: str) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and program.running():
            try:
                if httpx.get(url, trust_env=False).is_success:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        raise CloudError(f"{program.name} did not start; its log is {program.log}")


def free_port() -> int:
    """A port on 127.0.0.1 that nothing listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _plain_environment() -> dict[str, str]:
    """Nothing of the person's own AWS configuration may reach the emulated functions."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "LC_ALL") if name in os.environ}
    return kept | {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}


def _require_free(port: int) -> None:
    try:
        with socket.create_server(("127.0.0.1", port)):
            return
    except OSError as error:
        raise CloudError(
            f"port {port} is in use by another program (perhaps another checkout's cloud: `make down` there). "
            "Choose another with `make up PORT=...`."
        ) from error
