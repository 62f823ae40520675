"""Writing the index, in bulk, and reading back what was written.

Every document carries the version of what it shows (`external_gte`), so that late, repeated or reordered writes lose
against newer ones, and a delete against none but older ones.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from opensearchpy import OpenSearch

from functions.discovery import engine, generations
from functions.discovery.engine import Overloaded
from functions.discovery.generations import Written
from functions.discovery.mappings import KEYS, Kind
from heliograph.errors import Unavailable
from heliograph.observability import logger

Key = tuple[Kind, str]
# Above all versions, for what is gone for good: ids are never used again.
GONE = 2**62
CONFLICT = 409
# The engine takes no writes at all, for want of disk space.
BLOCKED = "cluster_block_exception"


@dataclass(frozen=True)
class Write:
    """A document as it is to be. None: there is to be none, because it is hidden or, at version GONE, gone."""

    kind: Kind
    id: str
    version: int
    document: dict[str, Any] | None

    @property
    def key(self) -> Key:
        return self.kind, self.id


@dataclass(frozen=True)
class Found:
    """A document as it is."""

    id: str
    version: int
    document: dict[str, Any]


@dataclass
class _Plan:
    """One request: its lines, whose they are, and who was refused."""

    lines: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    keys: list[Key] = field(default_factory=list[Key])
    refused: set[Key] = field(default_factory=set[Key])

    def add(self, write: Write, into: Written) -> None:
        try:
            index = into.index_of(write.id)
        except ValueError:
            self._refuse(write.key, "no document has such an id")
            return
        about = {"_index": index, "_id": write.id, "version": write.version, "version_type": "external_gte"}
        self.keys.append(write.key)
        if write.document is None:
            self.lines.append({"delete": about})
        else:
            self.lines += [{"index": about}, into.fitted(write.document)]

    def note(self, outcomes: list[dict[str, Any]]) -> None:
        """A conflict is no failure: something newer is there. Nor is a delete of nothing."""
        for key, outcome in zip(self.keys, outcomes, strict=True):
            if "error" in outcome and outcome["status"] != CONFLICT:
                # The engine's reason may quote the document.
                self._refuse(key, outcome["error"]["type"])

    def _refuse(self, key: Key, why: str) -> None:
        logger.error("document refused", extra={"kind": key[0], "id": key[1], "why": why})
        self.refused.add(key)


def send(writes: Iterable[Write], generation: str | None = None) -> set[Key]:
    """Write documents, unless newer ones or newer deletes are there, in one request; the keys of those refused.

    Into every generation that is to be written, or into one. Raises Unavailable: some may have been written.
    """
    plan = _Plan()
    try:
        for write in writes:
            for into in generations.written(write.kind):
                if generation in (None, into.generation):
                    plan.add(write, into)
        if plan.lines:
            plan.note(engine.call(lambda client: _bulk(client, plan.lines)))
    except Unavailable:
        generations.forget()
        raise
    return plan.refused


def read(kind: Kind, generation: str, ids: Sequence[str]) -> dict[str, Found]:
    """Documents of a generation by id, as just written; others are left out. Raises Unavailable."""
    places = [into for into in generations.written(kind) if into.generation == generation]
    wanted = [{"_index": into.index_of(one), "_id": one} for into in places for one in ids]
    if not wanted:
        return {}
    answer = engine.call(lambda client: client.mget(body={"docs": wanted}))
    return {item["_id"]: _found(item) for item in answer["docs"] if item.get("found")}


def page(kind: Kind, generation: str, after: str | None, size: int) -> list[Found]:
    """The documents of a generation in the order of their ids, as last refreshed. Raises Unavailable."""
    body: dict[str, Any] = {"size": size, "version": True, "sort": [{KEYS[kind]: "asc"}]}
    if after is not None:
        body["search_after"] = [after]
    index = generations.pattern(kind, generation)
    answer = engine.call(lambda client: client.search(index=index, body=body))
    return [_found(hit) for hit in answer["hits"]["hits"]]


def refresh(kind: Kind, generation: str) -> None:
    """Let `page` see everything that was written. Raises Unavailable."""
    index = generations.pattern(kind, generation)
    engine.call(lambda client: client.indices.refresh(index=index))


def _bulk(client: OpenSearch, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The outcome of each write. Raises Overloaded when some could not be taken now: all are to be sent again."""
    outcomes = [next(iter(item.values())) for item in client.bulk(body=lines)["items"]]
    for outcome in outcomes:
        if outcome["status"] in engine.BUSY or outcome.get("error", {}).get("type") == BLOCKED:
            raise Overloaded(outcome["error"]["type"])
    return outcomes


def _found(item: dict[str, Any]) -> Found:
    return Found(item["_id"], item["_version"], item["_source"])
