"""The two search engines the product runs on, as programs, and the product's own code pointed at one of them."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import httpx
import pytest
import urllib3

from functions.discovery import engine as writer
from functions.discovery import generations, search
from heliograph import config
from local import opensearch, osmem
from local.client import wait_until
from local.instance import STATE
from local.processes import Program, free_port, held

COMMANDS: dict[str, Callable[[int, Path], list[str]]] = {"osmem": osmem.command, "opensearch": opensearch.command}
PATIENCE_SECONDS = 120.0
_OWNER = "owner.lock"
_numbers = count()


@dataclass(frozen=True)
class Engine:
    """A running engine."""

    name: str
    url: str


@contextmanager
def running(name: str) -> Iterator[Engine]:
    """Start an engine, and stop it whatever happens. Raises JavaError where it needs a Java that is not there."""
    _sweep()
    directory = STATE / f"engine-{name}-{os.getpid()}-{next(_numbers)}"
    directory.mkdir(parents=True)
    with (directory / _OWNER).open("w") as owner:
        fcntl.flock(owner, fcntl.LOCK_EX)
        try:
            with started(name, directory) as (start, _, engine):
                start()
                yield engine
        finally:
            shutil.rmtree(directory)


@contextmanager
def started(name: str, directory: Path) -> Iterator[tuple[Callable[[], None], Callable[[], None], Engine]]:
    """What starts and stops an engine, which comes back on the same port and with the same folder."""
    port = free_port()
    command = COMMANDS[name](port, directory / "data")
    program, engine = Program(name, directory), Engine(name, f"http://localhost:{port}")

    def start() -> None:
        program.start(command, {"PATH": os.environ["PATH"]})
        wait_until(lambda: _answers(program, engine), PATIENCE_SECONDS, f"an answer from {name}")

    try:
        yield start, program.stop, engine
    finally:
        program.stop()


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


def _answers(program: Program, engine: Engine) -> bool:
    assert program.running(), f"{program.name} ended:\n{program.log.read_text()[-2000:]}"
    try:
        return httpx.get(engine.url, trust_env=False).is_success
    except httpx.TransportError:
        return False


def _sweep() -> None:
    """Stop and remove the engines of runs that were killed before they could do so."""
    for directory in STATE.glob("engine-*"):
        if not held(directory / _OWNER):
            for name in COMMANDS:
                Program(name, directory).stop()
            shutil.rmtree(directory, ignore_errors=True)


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
