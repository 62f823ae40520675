"""The search engines: osmem, which is light, and OpenSearch itself."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from local import opensearch, osmem


@dataclass(frozen=True)
class SearchEngine:
    """`command` takes the port and a folder for its data."""

    name: str
    title: str
    command: Callable[[int, Path], Sequence[str]]


ENGINES = {
    engine.name: engine
    for engine in (
        SearchEngine("osmem", "osmem", osmem.command),
        SearchEngine("opensearch", "OpenSearch", opensearch.command),
    )
}
