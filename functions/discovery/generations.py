"""Generations of the index: which ones are written, which one is read, and how one takes another's place.

    <namespace>-<kind>                        the alias that is read
    <namespace>-<kind>-v3-0007                an index of generation v3-0007; v3: its mappings
    <namespace>-posts-v3-0007-2026-11         posts are cut by the month in which they were made, as their ids tell

A generation of a kind begins and ends with its index template. As long as that is there, every writer writes it, beside
others; its indexes come into being with its first document, with its mappings and, if it is read, with the alias.

Writers ask which templates there are every SECONDS. So whoever begins or ends one has to wait SETTLE_SECONDS until all
know, and all that was sent before has arrived.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from opensearchpy import OpenSearch
from opensearchpy.exceptions import NotFoundError, RequestError

from functions.discovery import engine, mappings
from functions.discovery.mappings import KINDS, Kind, Scale
from heliograph import clock, config, ids
from heliograph.hot import HotCache

SECONDS = 3.0
# A bulk request that was about to be sent, and its one repetition.
SETTLE_SECONDS = SECONDS + 2 * engine.TIMEOUT_SECONDS
FIRST = f"v{mappings.VERSION}-0001"
EXISTS_ALREADY = "resource_already_exists_exception"
Generation = str


class ScaleSettings(config.Settings):
    index_scale: Scale = "small"


@dataclass(frozen=True)
class Written:
    """A generation of a kind that is to be written. `fields`: what its mappings know. `is_read`: so are new indexes."""

    kind: Kind
    generation: Generation
    fields: frozenset[str]
    is_read: bool

    def fitted(self, document: dict[str, Any]) -> dict[str, Any]:
        """The document as far as mappings of another version know it; those of ours have to know all of it."""
        if self.generation.startswith(f"v{mappings.VERSION}-"):
            return document
        return {name: value for name, value in document.items() if name in self.fields}

    def index_of(self, document_id: str) -> str:
        """Where a document belongs. Raises ValueError for a post's id that tells no time."""
        name = _name(self.kind, self.generation)
        return f"{name}-{_month(document_id)}" if self.kind == "posts" else name


def written(kind: Kind) -> list[Written]:
    """The generations of a kind that are to be written, at least one: where there is none yet, the first is begun."""
    return _written.get([kind])[kind]


def forget() -> None:
    """Ask anew: the engine may not be the one that it was."""
    _written.clear()


def pattern(kind: Kind, generation: Generation) -> str:
    """All indexes of a generation."""
    return f"{_name(kind, generation)}{'-*' if kind == 'posts' else ''}"


# --- Taking another's place: for `local.reindex` --------------------------------------------------------------------


def in_use() -> dict[Kind, Generation]:
    """Which generation of each kind is read, as the aliases say; begins the first where there is none.

    Ends a switch that broke off, too: what the templates say of it is put right.
    """
    used: dict[Kind, Generation] = {}
    for kind in KINDS:
        known = written(kind)
        aliased = engine.call(partial(_aliased, kind=kind))
        [used[kind]] = aliased or {one.generation for one in known if one.is_read}
    announce(used)
    return used


def begin() -> Generation:
    """Begin a generation of every kind that is written, but not read. All write it SETTLE_SECONDS later."""
    forget()
    known = {one.generation for kind in KINDS for one in written(kind)}
    present = {generation for kind in KINDS for generation in _present(kind)}
    generation = f"v{mappings.VERSION}-{max(map(_number, known | present)) + 1:04}"
    for kind in KINDS:
        _put_template(kind, generation, read=False)
        _make(kind, generation)
    forget()
    return generation


def switch(used: Mapping[Kind, Generation], new: Generation) -> None:
    """Let all kinds be read in another generation, in one step.

    An index of a month may be born meanwhile. No template has the alias during the step, so it is born without, and
    gets it with the new template: it is found a moment late, and no post is found in two generations.
    """
    actions: list[dict[str, Any]] = []
    for kind, former in used.items():
        _make(kind, new)
        _put_template(kind, former, read=False)
        actions += [_alias("remove", kind, former), _alias("add", kind, new)]
    engine.call(lambda client: client.indices.update_aliases(body={"actions": actions}))
    announce(dict.fromkeys(used, new))


def announce(used: Mapping[Kind, Generation]) -> None:
    """Let indexes that will be born be read, and those that were born during a switch."""
    for kind, generation in used.items():
        _make(kind, generation)
        _put_template(kind, generation, read=True)
        add = [_alias("add", kind, generation)]
        engine.call(lambda client, actions=add: client.indices.update_aliases(body={"actions": actions}))


def end(besides: Mapping[Kind, Generation]) -> bool:
    """Write no other generations than these; whether there were any. Nobody writes them SETTLE_SECONDS later."""
    ended = [one for kind, kept in besides.items() for one in _read(kind) if one.generation != kept]
    for one in ended:
        name = _name(one.kind, one.generation)
        engine.call(lambda client, name=name: client.indices.delete_index_template(name=name))
    forget()
    return bool(ended)


def remove(besides: Mapping[Kind, Generation]) -> None:
    """Delete the indexes of other generations than these."""
    for kind, kept in besides.items():
        for generation in _present(kind) - {kept}:
            index = pattern(kind, generation)
            engine.call(lambda client, index=index: client.indices.delete(index=index))


# --- Templates and indexes ------------------------------------------------------------------------------------------


def _load(kinds: list[str]) -> dict[str, list[Written]]:
    """The generations to be written. Several may begin the first one at once: it is the same."""
    return {kind: _read(kind) or _begin_first(kind) for kind in cast("list[Kind]", kinds)}


def _begin_first(kind: Kind) -> list[Written]:
    _put_template(kind, FIRST, read=True)
    return _read(kind)


_written = HotCache[list[Written]](_load, seconds=SECONDS, size=len(KINDS))


def _read(kind: Kind) -> list[Written]:
    try:
        answer = engine.call(lambda client: client.indices.get_index_template(name=f"{config.named(kind)}-v*"))
    except NotFoundError:
        return []
    return [_written_as(kind, item["name"], item["index_template"]["template"]) for item in answer["index_templates"]]


def _written_as(kind: Kind, name: str, template: dict[str, Any]) -> Written:
    fields = frozenset(template["mappings"]["properties"])
    return Written(kind, _generation(kind, name), fields, is_read=bool(template.get("aliases")))


def _put_template(kind: Kind, generation: Generation, *, read: bool) -> None:
    """A generation keeps the mappings that it was begun with."""
    name = _name(kind, generation)
    body = {
        "index_patterns": [pattern(kind, generation)],
        "priority": 100,
        "template": _kept(name) or mappings.definition(kind, config.read(ScaleSettings).index_scale),
    }
    body["template"]["aliases"] = {config.named(kind): {}} if read else {}
    engine.call(lambda client: client.indices.put_index_template(name=name, body=body))


def _kept(name: str) -> dict[str, Any] | None:
    try:
        answer = engine.call(lambda client: client.indices.get_index_template(name=name))
    except NotFoundError:
        return None
    return answer["index_templates"][0]["index_template"]["template"]


def _make(kind: Kind, generation: Generation) -> None:
    """A generation has one index at least, so that the engine can say whether it is read."""
    name = _name(kind, generation)
    index = f"{name}-{clock.iso(clock.now())[:7]}" if kind == "posts" else name
    try:
        engine.call(lambda client: client.indices.create(index=index))
    except RequestError as error:
        if error.error != EXISTS_ALREADY:
            raise


def _aliased(client: OpenSearch, kind: Kind) -> set[Generation]:
    try:
        return {_generation(kind, name) for name in client.indices.get_alias(name=config.named(kind))}
    except NotFoundError:
        return set()


def _present(kind: Kind) -> set[Generation]:
    """The generations of which there is an index."""
    index = f"{config.named(kind)}-v*"
    return {_generation(kind, name) for name in engine.call(lambda client: client.indices.get_alias(index=index))}


def _alias(action: str, kind: Kind, generation: Generation) -> dict[str, Any]:
    return {action: {"index": pattern(kind, generation), "alias": config.named(kind)}}


def _name(kind: Kind, generation: Generation) -> str:
    return f"{config.named(kind)}-{generation}"


def _generation(kind: Kind, name: str) -> Generation:
    """Of the name of a template or an index."""
    return "-".join(name.removeprefix(f"{config.named(kind)}-").split("-")[:2])


def _number(generation: Generation) -> int:
    return int(generation.rpartition("-")[2])


def _month(post_id: str) -> str:
    return clock.iso(ids.created_at(post_id))[:7]
