"""Java programs: what a pom.xml under `local/jvm/` asks for, built by Maven into the checkout."""

import fcntl
import hashlib
import re
import shutil
import subprocess
from pathlib import Path

from local.errors import CloudError
from local.instance import ROOT, STATE
from local.progress import step

_POMS = ROOT / "local" / "jvm"
_BUILT = STATE / "jvm"
_OLDEST = 17


class JavaError(CloudError):
    """Java or Maven is missing, or could not do its work; the message says what to do."""


def java() -> str:
    """The `java` command; raises JavaError if there is none that is new enough."""
    command = shutil.which("java")
    if command is None:
        raise JavaError(f"Java {_OLDEST} or newer is needed, and no `java` was found")
    said = subprocess.run([command, "-version"], check=True, capture_output=True, text=True).stderr
    version = re.search(r'version "(\d+)', said)
    if version is None or int(version[1]) < _OLDEST:
        raise JavaError(f"Java {_OLDEST} or newer is needed; {command} says: {said.splitlines()[0]}")
    return command


def built(name: str) -> Path:
    """The folder with the jars of `local/jvm/<name>/pom.xml`; Maven fetches and builds them unless they are there."""
    source, folder, stamp = _POMS / name, _BUILT / name, _BUILT / f"{name}.sha256"
    _BUILT.mkdir(parents=True, exist_ok=True)
    digest = _digest(source)
    with (_BUILT / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (stamp.exists() and stamp.read_text() == digest and folder.is_dir()):
            with step(f"fetching {name} from Maven Central"):
                shutil.rmtree(folder, ignore_errors=True)
                _package(source, folder)
            stamp.write_text(digest)
    return folder


def _package(source: Path, folder: Path) -> None:
    java()
    maven = shutil.which("mvn")
    if maven is None:
        raise JavaError(f"Maven (`mvn`) is needed to fetch {source.name} from Maven Central, and was not found")
    ran = subprocess.run(
        [maven, "--quiet", "--batch-mode", "--file", source / "pom.xml", "package", f"-Dout={folder}"],
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if ran.returncode != 0:
        raise JavaError(f"Maven could not build {source / 'pom.xml'}:\n{ran.stdout[-2000:]}")


def _digest(source: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(path for path in source.rglob("*") if path.is_file()):
        digest.update(str(path.relative_to(source)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
