"""OpenSearch itself, one node of the version that AWS runs for us, as a program."""

from pathlib import Path

from local.java import built, java


def command(port: int, directory: Path) -> list[str]:
    """What starts it on 127.0.0.1, with its data in `directory`: an empty one for an engine that knows nothing.

    Raises JavaError when Java or Maven is missing or cannot do its work.
    """
    jar = built("opensearch") / "opensearch.jar"
    # It lives for minutes: a quick start and little memory are worth more than the last bit of speed.
    flags = ["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
    return [java(), *flags, "-jar", str(jar), str(port), str(directory)]
