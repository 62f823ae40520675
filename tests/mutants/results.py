"""What earlier runs have found, so that a run that broke off can be resumed."""

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cache
from threading import Lock

from tests.mutants.copies import Outcome
from tests.mutants.mutant import PRODUCT, ROOT, Mutant

FILE = ROOT / ".local" / "mutants.jsonl"


@dataclass(frozen=True)
class Result:
    """`key`: of the mutant, the product, and the mutant's tests, as they were."""

    id: str
    key: str
    seconds: float
    outcome: Outcome


class Results:
    """The results of this run and those of earlier ones, of which the last counts."""

    def __init__(self, *, fresh: bool) -> None:
        self._lock = Lock()
        FILE.parent.mkdir(parents=True, exist_ok=True)
        if fresh:
            FILE.unlink(missing_ok=True)
        lines = FILE.read_text().splitlines() if FILE.exists() else []
        self._found = {result.key: result for result in map(_read, lines)}

    def of(self, mutant: Mutant) -> Result | None:
        return self._found.get(key(mutant))

    def add(self, result: Result) -> None:
        with self._lock:
            self._found[result.key] = result
            with FILE.open("a") as file:
                file.write(json.dumps(asdict(result)) + "\n")


def key(mutant: Mutant) -> str:
    tests = "".join(_digest(f"tests/{test}") for test in mutant.tests)
    return hashlib.sha256(f"{mutant.digest()}{_product()}{tests}".encode()).hexdigest()[:16]


@cache
def _product() -> str:
    return "".join(map(_digest, PRODUCT))


@cache
def _digest(name: str) -> str:
    """Of a file, or of all Python files in a folder."""
    path = ROOT / name
    digest = hashlib.sha256()
    for one in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
        digest.update(f"{one.relative_to(ROOT)}\0".encode() + one.read_bytes())
    return digest.hexdigest()


def _read(line: str) -> Result:
    known = json.loads(line)
    return Result(known["id"], known["key"], known["seconds"], Outcome(**known["outcome"]))
