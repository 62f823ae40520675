"""Find a Python interpreter for a program that does not run on the project's own."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

Version = tuple[int, int]


def find(versions: list[Version]) -> Path | None:
    """An interpreter of one of these versions, the first wanted first; None if this machine has none."""
    for version in versions:
        for candidate in _candidates(version):
            if _version(candidate) == version:
                return candidate
    return None


def _candidates(version: Version) -> Iterator[Path]:
    name = ".".join(map(str, version))
    if on_path := shutil.which(f"python{name}"):
        yield Path(on_path)
    # What pyenv puts on the path answers only for the versions a person has selected.
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    yield from sorted(pyenv.glob(f"versions/{name}.*/bin/python"), reverse=True)


def _version(python: Path) -> Version | None:
    try:
        ran = subprocess.run(
            [python, "-c", "import sys; print(*sys.version_info[:2])"], check=True, capture_output=True, text=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    major, minor = ran.stdout.split()
    return int(major), int(minor)
