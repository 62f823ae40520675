"""One local cloud: its port, its directory under `.local/`, and what is written there."""

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from local.processes import free_port

ROOT = Path(__file__).resolve().parent.parent
STATE = ROOT / ".local"
LAST_UP = STATE / "endpoints.json"
DEFAULT_PORT = 4566
NAMESPACE = "heliograph"


@dataclass(frozen=True)
class Endpoints:
    """Where a running cloud answers. `api_url` includes `/v1`."""

    api_url: str
    search_url: str
    aws_endpoint: str
    media_mode: Literal["cdn", "presigned"]

    def to_json(self) -> dict[str, str]:
        """The camelCase form that is written to endpoints.json."""
        return {
            "apiUrl": self.api_url,
            "searchUrl": self.search_url,
            "awsEndpoint": self.aws_endpoint,
            "mediaMode": self.media_mode,
        }

    @classmethod
    def read(cls, path: Path) -> "Endpoints":
        """Read an endpoints.json; raises FileNotFoundError when the cloud has not come up."""
        written = json.loads(path.read_text())
        return cls(written["apiUrl"], written["searchUrl"], written["awsEndpoint"], written["mediaMode"])


@dataclass(frozen=True)
class Deployment:
    """What was deployed last. An unfinished one means that the cloud holds half a deployment."""

    source: str
    finished: bool


@dataclass(frozen=True)
class Instance:
    """A local cloud on one port, with all its state in one directory."""

    port: int
    directory: Path

    @classmethod
    def on(cls, port: int) -> "Instance":
        """The instance that `make up PORT=<port>` means."""
        return cls(port, STATE / str(port))

    @property
    def aws_endpoint(self) -> str:
        """The address of every emulated AWS service."""
        return f"http://localhost:{self.port}"

    @property
    def api_url(self) -> str:
        """The address of the HTTPS API, with `/v1`."""
        return f"{self.aws_endpoint}/_aws/execute-api/{NAMESPACE}/prod/v1"

    @property
    def temporary(self) -> Path:
        """Scratch space of the emulators: unpacked functions, bundled files."""
        return self.directory / "tmp"

    @property
    def assembly(self) -> Path:
        """The synthesised CDK app."""
        return self.directory / "cdk.out"

    @property
    def endpoints_file(self) -> Path:
        """Where this instance's endpoints are written."""
        return self.directory / "endpoints.json"

    def choose_port(self, name: str) -> int:
        """A port for a program beside the emulator, remembered until the next choice."""
        port = free_port(besides=self.port)
        (self.directory / f"{name}.port").write_text(str(port))
        return port

    def port_of(self, name: str) -> int:
        """The port that was chosen last for a program."""
        return int((self.directory / f"{name}.port").read_text())

    def log(self, name: str) -> Path:
        """The log file of one program."""
        return self.directory / f"{name}.log"

    def write_endpoints(self, endpoints: Endpoints) -> None:
        """Write this instance's endpoints; the checkout's are those of the instance that came up last."""
        text = json.dumps(endpoints.to_json(), indent=2) + "\n"
        self.endpoints_file.write_text(text)
        if self.directory == STATE / str(self.port):
            LAST_UP.write_text(text)

    def deployment(self) -> Deployment | None:
        """What was deployed last, if anything was."""
        written = _read(self.directory / "deployment.json")
        return Deployment(**written) if written else None

    def record_deployment(self, deployment: Deployment) -> None:
        """Remember what is being, or has been, deployed."""
        (self.directory / "deployment.json").write_text(json.dumps(asdict(deployment)))

    @property
    def _seed_file(self) -> Path:
        return self.directory / "seeded"

    def seeded(self) -> bool:
        """Whether the demo community is complete."""
        return self._seed_file.exists()

    def record_seed(self) -> None:
        """Remember that the demo community is complete."""
        self._seed_file.touch()

    def forget(self) -> None:
        """Remove what describes a running cloud; logs stay for a later look."""
        (self.directory / "deployment.json").unlink(missing_ok=True)
        self._seed_file.unlink(missing_ok=True)
        if LAST_UP.exists() and Endpoints.read(LAST_UP).aws_endpoint == self.aws_endpoint:
            LAST_UP.unlink()
        self.endpoints_file.unlink(missing_ok=True)
        shutil.rmtree(self.temporary, ignore_errors=True)


def _read(path: Path) -> dict[str, Any] | None:
    return json.loads(path.read_text()) if path.exists() else None
