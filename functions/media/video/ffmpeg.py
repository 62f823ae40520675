"""The one way to run ffmpeg: as a process of its own, on local files, with an end to its time and memory."""

import resource
import subprocess
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

# No protocol but files: a playlist or a data reference in an upload must never reach the network.
COMMON = ("-hide_banner", "-nostdin", "-loglevel", "error", "-y")
LOCAL = ("-protocol_whitelist", "file")
# Below what the smallest of our functions has, so that ffmpeg ends and not the function.
MEMORY_BYTES = 3 * 1024**3
DETAIL = 400


class Failed(Exception):
    """ffmpeg could not do what it was asked for; the text says why, for the log."""


class OutOfTime(Failed):
    """ffmpeg was stopped, because it had no time left."""


@cache
def program() -> str:
    # Imported here: not every step has its layer.
    import imageio_ffmpeg  # noqa: PLC0415

    return imageio_ffmpeg.get_ffmpeg_exe()


def source(path: Path, container: str, *before: str) -> tuple[str, ...]:
    """Arguments that read `path` with the one demuxer `container`; `before`: options of this input."""
    return (*before, *LOCAL, "-f", container, "-i", str(path))


def run(arguments: Sequence[str], *, seconds: float, memory_bytes: int = MEMORY_BYTES) -> bytes:
    """What ffmpeg writes to its standard output. Raises Failed, OutOfTime."""
    # Into files: a full pipe would stop the process, and what it says may be long.
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(  # noqa: S603  (our own arguments, no shell)
            [program(), *COMMON, *arguments], stdin=subprocess.DEVNULL, stdout=output, stderr=errors
        )
        try:
            resource.prlimit(process.pid, resource.RLIMIT_AS, (memory_bytes, memory_bytes))
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise OutOfTime(f"stopped after {seconds} s") from None
        finally:
            process.kill()
            process.wait()
        if code != 0:
            errors.seek(0)
            raise Failed(f"exit code {code}: {errors.read().decode(errors='replace').strip()[-DETAIL:]}")
        output.seek(0)
        return output.read()
