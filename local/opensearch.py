"""OpenSearch itself, one node of the version that AWS runs for us, as a program."""

import subprocess
import sys
import tempfile
from pathlib import Path

from local.errors import CloudError
from local.instance import STATE
from local.java import built, java


def command(port: int, directory: Path) -> list[str]:
    """What starts it on 127.0.0.1, with its data in `directory`: an empty one for an engine that knows nothing.

    Raises JavaError when Java or Maven is missing or cannot do its work.
    """
    jar = built("opensearch") / "opensearch.jar"
    # It lives for minutes: a quick start and little memory are worth more than the last bit of speed.
    flags = ["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
    return [java(), *flags, "-jar", str(jar), str(port), str(directory)]


def main() -> None:
    """Run it in the foreground on the port that is given, until Ctrl-C; what it held is gone then."""
    port = int(sys.argv[1])
    STATE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=STATE) as directory:
        try:
            started = command(port, Path(directory) / "data")
        except CloudError as error:
            sys.exit(f"\n{error}")
        print(f"OpenSearch starts on http://localhost:{port}; Ctrl-C stops it", flush=True)
        with subprocess.Popen(started) as process:
            try:
                process.wait()
            except KeyboardInterrupt:
                process.terminate()


if __name__ == "__main__":
    main()
