"""A picture that may have killed its worker is first worked on in a process of its own, which may die alone.

Whether a worker died of a picture or by chance cannot be seen afterwards: it left no word, only an item that is
`processing`. So the next one does the dangerous part, decoding and rendering, once more beforehand, in a child with
limits. If that dies, it was the picture; if not, the picture is innocent, and nothing of it is lost.
"""

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

# Less than the worker has itself (infrastructure/catalogue.py), so that the child dies of it and not the worker.
MEMORY_BYTES = 3 * 1024**3
# Twenty times what the largest photo takes.
CPU_SECONDS = 12
WALL_SECONDS = 50
OUT_OF_MEMORY = 137


def survives(path: Path, *, memory_bytes: int = MEMORY_BYTES, cpu_seconds: int = CPU_SECONDS) -> bool:
    """Whether the picture in the file at `path` can be decoded and rendered, or refused, within these limits.

    Raises CalledProcessError when the child failed for another reason, TimeoutExpired when the machine is too busy.
    """
    command = [sys.executable, "-m", "functions.media.rehearsal", str(path), str(memory_bytes), str(cpu_seconds)]
    # Where the platform put our code and its layers, the interpreter alone does not know.
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, env=environment, timeout=WALL_SECONDS, check=False)  # noqa: S603
    if done.returncode < 0 or done.returncode == OUT_OF_MEMORY:
        return False
    done.check_returncode()
    return True


def _rehearse(path: Path) -> None:
    from functions.media import inspection, renditions  # noqa: PLC0415  (under the limits)
    from functions.media.photo import Photo  # noqa: PLC0415

    photo = inspection.inspect(path)
    if isinstance(photo, Photo):
        with tempfile.TemporaryDirectory() as folder:
            renditions.render(photo, Path(folder))


if __name__ == "__main__":
    _path, _memory_bytes, _cpu_seconds = sys.argv[1:]
    resource.setrlimit(resource.RLIMIT_AS, (int(_memory_bytes), int(_memory_bytes)))
    resource.setrlimit(resource.RLIMIT_CPU, (int(_cpu_seconds), int(_cpu_seconds)))
    try:
        _rehearse(Path(_path))
    except MemoryError:
        sys.exit(OUT_OF_MEMORY)
