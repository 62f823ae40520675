"""What a mutant is, and where in the product it belongs.

A mutant is named by a symbol, not by a path, so it is still found after its code has moved to another file.
"""

import ast
import hashlib
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from functools import cache
from pathlib import Path
from textwrap import dedent

ROOT = Path(__file__).resolve().parents[2]
KERNEL = "layers/shared/python/heliograph"
# Where the symbols of an area are looked for; any other area is a capability.
AREAS = {"kernel": KERNEL, "infrastructure": "infrastructure"}
PRODUCT = ("functions", KERNEL, "infrastructure", "app.py")


@dataclass(frozen=True)
class Mutant:
    """One small fault. `symbol`: an area and a qualified name in it, such as "kernel Counter.of_key".

    `old` occurs exactly once in the area's definitions of that name; `new` stands in its place.
    `breaks`: what no longer holds. `tests`: files or folders below tests/ that should notice, the fastest first.
    `only`: narrows all of them, as pytest's -k does.
    """

    id: str
    symbol: str
    old: str
    new: str
    breaks: str
    tests: tuple[str, ...]
    only: str = ""

    @property
    def area(self) -> str:
        return self.symbol.partition(" ")[0]

    @property
    def name(self) -> str:
        return self.symbol.partition(" ")[2]

    def digest(self) -> str:
        return hashlib.sha256(repr(astuple(self)).encode()).hexdigest()[:16]


class Unfit(Exception):
    """A mutant that does not fit the code; the message says why."""


@dataclass(frozen=True)
class Definition:
    """A function, a class or a constant. `start`, `end`: its place in the text of its file."""

    path: Path
    start: int
    end: int


@dataclass(frozen=True)
class Edit:
    """A mutant as a change of one file; the path is relative to the checkout."""

    path: Path
    text: str


def located(mutant: Mutant, root: Path = ROOT) -> Edit:
    """The change that a mutant makes to the code below `root`. Raises Unfit."""
    found = definitions(root, AREAS.get(mutant.area, f"functions/{mutant.area}")).get(mutant.name, [])
    if not found:
        raise Unfit(f"{mutant.id}: no {mutant.symbol}")
    places = [(one, at) for one in found for at in _occurrences(_text(root, one.path), mutant.old, one.start, one.end)]
    if len(places) != 1:
        raise Unfit(f"{mutant.id}: the old text occurs {len(places)} times in {mutant.symbol}")
    [(one, at)] = places
    text = _text(root, one.path)
    changed = text[:at] + mutant.new + text[at + len(mutant.old) :]
    try:
        ast.parse(dedent(changed[one.start : one.end + len(changed) - len(text)]))
    except SyntaxError as error:
        raise Unfit(f"{mutant.id}: {error}") from None
    return Edit(one.path, changed)


@cache
def definitions(root: Path, area: str) -> dict[str, list[Definition]]:
    """All definitions of an area by their qualified names."""
    found: dict[str, list[Definition]] = {}
    for path in sorted((root / area).rglob("*.py")):
        relative = path.relative_to(root)
        text = _text(root, relative)
        for name, node in _named(ast.parse(text).body):
            start, end = _span(text, node)
            found.setdefault(name, []).append(Definition(relative, start, end))
    return found


def _named(body: list[ast.stmt], prefix: str = "") -> Iterator[tuple[str, ast.stmt]]:
    for node in body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield prefix + name, node
            case ast.ClassDef(name=name):
                yield prefix + name, node
                yield from _named(node.body, f"{prefix}{name}.")
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                yield prefix + name, node
            case _:
                pass


def _span(text: str, node: ast.stmt) -> tuple[int, int]:
    """From its first line (of its decorators, if it has any) to its last."""
    lines = text.splitlines(keepends=True)
    decorators = getattr(node, "decorator_list", [])
    first = min(one.lineno for one in (node, *decorators)) - 1
    return len("".join(lines[:first])), len("".join(lines[: node.end_lineno]))


def _occurrences(text: str, old: str, start: int, end: int) -> Iterator[int]:
    at = text.find(old, start, end)
    while at >= 0:
        yield at
        at = text.find(old, at + 1, end)


@cache
def _text(root: Path, path: Path) -> str:
    return (root / path).read_text()
