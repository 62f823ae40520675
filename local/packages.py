"""Install locked packages: python -m local.packages <requirements.txt>, into the environment of this interpreter.

uv does in seconds what takes pip minutes. It is given the index and the certificates that pip is configured with, and
where it cannot reach them (a proxy, a password, a configuration that only pip knows) pip does the work itself.
Uses the standard library only: it runs before anything is installed.
"""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from local.errors import CloudError

# Beside this interpreter, from the same locked file, put there by pip.
UV = Path(sys.executable).with_name("uv")
_SETTING = re.compile(r"^(?:global|install|:env:)\.([a-z-]+)='(.*)'$", re.MULTILINE)
_NAMES = {"index-url": "UV_DEFAULT_INDEX", "extra-index-url": "UV_INDEX", "cert": "SSL_CERT_FILE"}


def install(python: Path, requirements: Path) -> None:
    """Install what a locked file lists into the environment of `python`. Raises CloudError."""
    locked = ("--quiet", "--require-hashes", "--requirement", requirements)
    environment = uv_settings(_pip_settings()) | os.environ
    if _run(UV, "pip", "install", "--python", python, *locked, environment=environment):
        return
    print("  uv could not install them (see above); trying pip", flush=True)
    if not _run(python, "-m", "pip", "install", "--disable-pip-version-check", *locked):
        raise CloudError(f"the packages of {requirements} could not be installed")


def uv_settings(configured: str) -> dict[str, str]:
    """The index and certificates of pip, as `pip config list` prints them, by the names that uv has for them."""
    settings = dict(_SETTING.findall(configured))
    return {_NAMES[name]: value for name, value in settings.items() if name in _NAMES}


def _pip_settings() -> str:
    command = [sys.executable, "-m", "pip", "config", "list"]
    return subprocess.run(command, check=False, capture_output=True, text=True).stdout


def _run(*command: str | Path, environment: Mapping[str, str] | None = None) -> bool:
    return subprocess.run(command, check=False, env=environment).returncode == 0


if __name__ == "__main__":
    try:
        install(Path(sys.executable), Path(sys.argv[1]))
    except CloudError as error:
        sys.exit(str(error))
