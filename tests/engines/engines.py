"""The two search engines the product runs on, as programs, and the product's own code pointed at one of them."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import urllib3

from functions.discovery import engine as writer
from functions.discovery import generations, index, search
from functions.discovery.mappings import Kind
from heliograph import config
from local import opensearch, osmem
from local.client import wait_until
from local.processes import Program, free_port

COMMANDS: dict[str, Callable[[int, Path], list[str]]] = {"osmem": osmem.command, "opensearch": opensearch.command}
PATIENCE_SECONDS = 120.0
# Linux has it; its indexes take some 20 MB.
_MEMORY, _ROOM_BYTES = Path("/dev/shm"), 256 * 2**20


@dataclass(frozen=True)
class Engine:
    """A running engine."""

    name: str
    url: str


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder for an engine's files: in memory where there is room, or it would wait for the disk most of the time."""
    in_memory = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM_BYTES
    with tempfile.TemporaryDirectory(prefix="heliograph-", dir=_MEMORY if in_memory else None) as directory:
        yield Path(directory)


@contextmanager
def running(name: str, directory: Path) -> Iterator[Engine]:
    """A running engine, with its files in this folder. Raises JavaError where it needs a Java that is not there."""
    with started(name, directory) as (start, _, engine):
        start()
        yield engine


@contextmanager
def started(name: str, directory: Path) -> Iterator[tuple[Callable[[], None], Callable[[], None], Engine]]:
    """What starts and stops an engine, which comes back on the same port and with the same folder."""
    port = free_port()
    command = COMMANDS[name](port, directory / "data")
    program, engine = Program(name, directory), Engine(name, f"http://localhost:{port}")

    def start() -> None:
        program.start(command, {"PATH": os.environ["PATH"]})
        wait_until(lambda: _answers(program, engine), PATIENCE_SECONDS, f"an answer from {name}")

    with program.ending_with_us():
        yield start, program.stop, engine


@contextmanager
def used(engine: Engine, namespace: str) -> Iterator[None]:
    """Point the product at an engine; each namespace has indexes of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEARCH_ENDPOINT", engine.url)
        patch.setenv("NAMESPACE", namespace)
        # Nobody waits for these answers, and a new engine on a busy machine is slow.
        patch.setattr(search, "TIMEOUT", urllib3.Timeout(PATIENCE_SECONDS))
        patch.setattr(writer, "TIMEOUT_SECONDS", PATIENCE_SECONDS)
        _forget()
        try:
            yield
        finally:
            _forget()
    config.forget()


def refresh() -> None:
    """Let searches see everything that was written."""
    writer.client().indices.refresh(index=config.named("*"))


def stored(kind: Kind, document_id: str) -> dict[str, Any] | None:
    """The document as it is, without waiting for a refresh."""
    found = index.read(kind, generations.FIRST, [document_id]).get(document_id)
    return found and found.document


def _answers(program: Program, engine: Engine) -> bool:
    assert program.running(), f"{program.name} ended:\n{program.log.read_text()[-2000:]}"
    try:
        return httpx.get(engine.url, trust_env=False).is_success
    except httpx.TransportError:
        return False


def _forget() -> None:
    """Close the product's connections, and let it read its settings anew."""
    if writer.client.cache_info().currsize:
        writer.client().close()
    if search._pool.cache_info().currsize:
        search._pool().clear()
    writer.client.cache_clear()
    search._pool.cache_clear()
    search.breaker.close()
    writer.breaker.close()
    generations.forget()
    config.forget()
