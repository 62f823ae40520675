"""`make mutants`: puts each fault of the catalogue into a copy of the code, and tells which test notices it."""

import argparse
import fcntl
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from queue import SimpleQueue

from tests.mutants.catalogue import ALL
from tests.mutants.copies import STATE, Copy
from tests.mutants.mutant import Mutant, located
from tests.mutants.results import Result, Results, key

WORKERS = 2


def main(arguments: Sequence[str]) -> int:
    """0 if every mutant was caught."""
    options = _parser().parse_args(arguments)
    chosen = [mutant for mutant in ALL if not options.only or mutant.id in options.only]
    if unknown := {*(options.only or ())} - {mutant.id for mutant in chosen}:
        sys.exit(f"no such mutants: {' '.join(sorted(unknown))}")
    for mutant in chosen:
        located(mutant)
    with _alone():
        results = Results(fresh=options.fresh)
        _run([mutant for mutant in chosen if results.of(mutant) is None], results, options.workers)
        return _told(chosen, results)


@contextmanager
def _alone() -> Iterator[None]:
    """The copies of a checkout serve one run at a time."""
    STATE.mkdir(parents=True, exist_ok=True)
    with (STATE / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit("Mutants are being judged in this checkout already")
        yield


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--only", nargs="+", metavar="ID", help="these mutants alone")
    parser.add_argument("--fresh", action="store_true", help="forget what earlier runs have found")
    parser.add_argument("--workers", type=int, default=WORKERS, help=f"how many at once (default: {WORKERS})")
    return parser


def _run(mutants: Sequence[Mutant], results: Results, workers: int) -> None:
    """Each worker has a copy of its own."""
    copies: SimpleQueue[Copy] = SimpleQueue()
    for number in range(min(workers, len(mutants))):
        copies.put(Copy.made(number))

    def judge(mutant: Mutant) -> None:
        copy, started = copies.get(), time.monotonic()
        try:
            outcome = copy.judge(mutant)
        finally:
            copies.put(copy)
        result = Result(mutant.id, key(mutant), round(time.monotonic() - started, 1), outcome)
        results.add(result)
        _print(_line(result))

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(judge, mutants))


def _told(mutants: Sequence[Mutant], results: Results) -> int:
    found = [result for mutant in mutants if (result := results.of(mutant))]
    _print("", *map(_line, found))
    for mutant, result in zip(mutants, found, strict=True):
        if result.outcome.verdict != "caught":
            _print("", f"{result.outcome.verdict}: {mutant.id} ({mutant.symbol})", f"  {mutant.breaks}")
            _print(f"  {result.outcome.why}")
    counts = Counter(result.outcome.verdict for result in found)
    others = "".join(f" {name} {counts[name]}" for name in ("slow", "broken") if counts[name])
    _print("", f"mutants {len(found)} caught {counts['caught']} missed {counts['missed']}{others}")
    return 0 if counts["caught"] == len(found) else 1


def _line(result: Result) -> str:
    outcome = result.outcome
    return f"{outcome.verdict:7} {result.id:32} {result.seconds:6.1f} s  {outcome.by}"


def _print(*lines: str) -> None:
    sys.stdout.write("\n".join([*lines, ""]))
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
