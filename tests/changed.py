"""What a change concerns, for `make check`: of the work in hand, or, if there is none, of the commits since main.

    python -m tests.changed units    the unit tests to run, as arguments of pytest
    python -m tests.changed types    the files to check, as arguments of pyright

A module concerns the units of its capability and every file that imports it. `make test` runs all of them.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
UNITS = Path("tests/unit")
SHARED = Path("layers/shared/python")
CODE = ("app.py", "benchmarks", "functions", "infrastructure", "layers", "local", "tests")
# What everything depends on.
EVERYTHING = {"pyproject.toml", "requirements-dev.txt", "tests/conftest.py", "tests/unit/conftest.py"}
# Documents and samples, by the beginning of their paths, and the units that read them.
READ_BY = {
    "docs/openapi.json": "tests/unit/test_openapi.py",
    "docs/operations/threat-model.md": "tests/unit/test_threat_model.py",
    "tests/data/": "tests/unit/media",
}


def main(wanted: str) -> None:
    found = {"units": units, "types": types}[wanted](changed())
    sys.stdout.write("".join(f"{path}\n" for path in sorted(found)))


def changed() -> set[Path]:
    """The files that differ from the last commit, or else from where this branch left main."""
    in_hand = _git("diff", "--name-only", "HEAD") | _git("ls-files", "--others", "--exclude-standard")
    return in_hand or _git("diff", "--name-only", "main...HEAD")


def units(paths: set[Path]) -> set[Path]:
    """The unit tests that these files concern: single files, or whole folders."""
    if {path.as_posix() for path in paths} & EVERYTHING:
        return {UNITS}
    concerned = {path for path in paths | importers(paths) if _is_unit(path) and (ROOT / path).exists()}
    helpers = importers({path for path in paths if path.parts[0] == "tests"})
    for path in paths | helpers:
        concerned |= {folder for folder in _folders(path) if (ROOT / folder).exists()}
    folders = {path for path in concerned if (ROOT / path).is_dir()}
    return {path for path in concerned if not folders & {*path.parents}}


def types(paths: set[Path]) -> set[Path]:
    """The changed Python files, and those whose types may depend on them."""
    concerned = {path for path in paths if path.suffix == ".py" and path.parts[0] in CODE}
    return {path for path in concerned | importers(paths) if (ROOT / path).exists()}


def importers(paths: set[Path]) -> set[Path]:
    """The Python files that import one of these, by name."""
    modules = {module_of(path) for path in paths if path.suffix == ".py"}
    names = {module.rpartition(".")[2] for module in modules}
    # Parsing takes long, so it is for files only in which a name occurs.
    sources = {path: (ROOT / path).read_text() for path in (_python_files() if names else ())}
    likely = {path: source for path, source in sources.items() if any(name in source for name in names)}
    return {path for path, source in likely.items() if modules & set(imported(source))}


def imported(source: str) -> Iterator[str]:
    """The modules that a file imports, and what could be modules (`from package import module`)."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def module_of(path: Path) -> str:
    """The name by which a file is imported."""
    inside = path.relative_to(SHARED) if path.is_relative_to(SHARED) else path
    parts = inside.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _folders(path: Path) -> Iterator[Path]:
    """The units of the capability that a file is part of, and those that read it."""
    match path.parts:
        case ("functions", capability, _, *_):
            yield UNITS / capability
        case ("layers", "shared", *_):
            yield UNITS / "kernel"
        case ("local", *_):
            yield UNITS / "local"
        case ("tests", "unit", *_, "conftest.py"):
            yield path.parent
        case _:
            pass
    yield from (Path(unit) for beginning, unit in READ_BY.items() if path.as_posix().startswith(beginning))


def _is_unit(path: Path) -> bool:
    return path.is_relative_to(UNITS) and path.name.startswith("test_")


def _python_files() -> set[Path]:
    tracked = _git("ls-files", "--cached", "--others", "--exclude-standard", "*.py")
    return {path for path in tracked if (ROOT / path).exists()}


def _git(*arguments: str) -> set[Path]:
    command = ["git", *arguments]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return {Path(line) for line in done.stdout.splitlines()}


if __name__ == "__main__":
    main(sys.argv[1])
