"""Build the third-party Lambda layers from pinned wheels for arm64 and Python 3.13, on any machine, without Docker.

    python layers/build.py            build what has changed into .local/layers, then check the sizes
    python layers/build.py --lock     resolve layers/<set>/requirements.txt anew, at the versions of requirements.txt

Lambda refuses a function whose code and layers are above 250 MB unpacked.
"""

import argparse
import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "layers"
BUILT = ROOT / ".local" / "layers"
SETS = ("core", "identity", "imaging", "moderation", "search", "video")
PYTHON = "3.13"
# Lambda's Python 3.13 runs on Amazon Linux 2023 (glibc 2.34), which takes wheels for older glibc as well.
PLATFORMS = ("manylinux2014_aarch64", "manylinux_2_17_aarch64", "manylinux_2_28_aarch64", "manylinux_2_34_aarch64")
LIMIT_MB = 250
MB = 1024 * 1024


class TooLarge(SystemExit):
    """A function would be refused by Lambda."""


def main() -> None:
    parser = argparse.ArgumentParser(description="Build the third-party Lambda layers.")
    parser.add_argument("--lock", action="store_true", help="resolve the sets' requirements.txt anew")
    if parser.parse_args().lock:
        for name in SETS:
            lock(name)
        return
    for name in SETS:
        build(name)
    check_sizes()


def lock(name: str) -> None:
    """Write the locked requirements of a set: versions of the repository's lock, hashes of all wheels."""
    folder = SOURCES / name
    command = [
        str(Path(sys.executable).with_name("uv")), "pip", "compile", "--quiet",
        "--generate-hashes", "--no-header", "--no-emit-index-url", "--no-annotate",
        "--python-version", PYTHON, "--python-platform", "aarch64-manylinux_2_28", "--only-binary", ":all:",
        "--constraint", "requirements.txt", f"layers/{name}/requirements.in",
        "--output-file", f"layers/{name}/requirements.txt",
    ]  # fmt: skip
    subprocess.run(command, cwd=ROOT, check=True)
    print(f"locked {folder.relative_to(ROOT)}/requirements.txt")


def build(name: str) -> None:
    """Unpack the wheels of a set into .local/layers/<set>/python, unless they are there already."""
    requirements = SOURCES / name / "requirements.txt"
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()
    folder = BUILT / name
    # Beside the folder, not in it: what is in it becomes the layer.
    stamp = BUILT / f"{name}.sha256"
    if stamp.is_file() and stamp.read_text() == digest and folder.is_dir():
        print(f"{name}: unchanged, {size(folder) / MB:.0f} MB")
        return
    shutil.rmtree(folder, ignore_errors=True)
    platforms = [argument for platform in PLATFORMS for argument in ("--platform", platform)]
    command = [
        sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile", "--no-deps",
        "--require-hashes", "--only-binary=:all:", "--implementation", "cp", "--python-version", PYTHON, *platforms,
        "--target", str(folder / "python"), "--requirement", str(requirements),
    ]  # fmt: skip
    subprocess.run(command, check=True)
    shutil.rmtree(folder / "python" / "bin", ignore_errors=True)
    stamp.write_text(digest)
    print(f"{name}: built, {size(folder) / MB:.0f} MB")


def check_sizes() -> None:
    """Raise TooLarge if any function's code, kernel and layers exceed Lambda's limit; else print the largest."""
    sys.path.insert(0, str(ROOT))
    from infrastructure.catalogue import ALL_FUNCTIONS  # noqa: PLC0415  (importable only from here on)

    sizes = {name: size(BUILT / name) for name in SETS}
    base = size(ROOT / "functions") + size(SOURCES / "shared")
    totals = {spec.full_name: base + sum(sizes[name] for name in spec.layers) for spec in ALL_FUNCTIONS}
    largest = max(totals, key=lambda name: totals[name])
    if totals[largest] > LIMIT_MB * MB:
        raise TooLarge(f"{largest} is {totals[largest] / MB:.0f} MB unpacked; Lambda takes {LIMIT_MB}")
    print(f"largest function: {largest}, {totals[largest] / MB:.0f} of {LIMIT_MB} MB unpacked")


def size(folder: Path) -> int:
    """Bytes of all files below a folder, caches left out as the deployment does."""
    return sum(path.stat().st_size for path in _files(folder))


def _files(folder: Path) -> Iterable[Path]:
    return (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


if __name__ == "__main__":
    main()
