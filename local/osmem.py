"""osmem: OpenSearch's API over indexes in memory, as a program."""

from pathlib import Path

import osmem_server


def command(port: int, _directory: Path) -> list[str]:
    """What starts it on 127.0.0.1. It keeps nothing in a folder; OpenSearch, its alternative, does."""
    return [osmem_server.resolve_binary(), "-addr", f"127.0.0.1:{port}", "-no-stdin-watch", "-no-ja"]
