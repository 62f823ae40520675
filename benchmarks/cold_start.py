"""Import time of each API handler against that of the libraries it cannot do without.

`python benchmarks/cold_start.py`: fresh interpreters in turn, with compiled bytecode (as on Lambda when layers are
built with it), processor time. The ratio is the median over the rounds, because the speed of a shared machine drifts.
Breakdown: self time per group of modules in the best of a few runs, from `-X importtime`.
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CAPABILITIES = ("media", "accounts", "graph", "posts", "stories", "feed", "discovery")
TARGET_RATIO = 1.25
BREAKDOWN_RUNS = 5
HEAVY = ("PIL", "opensearchpy", "numpy", "argon2", "boto3")
# Token verification, PynamoDB, and the resolver with what request validation loads.
LIBRARIES = """
import jwt, jwt.algorithms
import pynamodb.models, pynamodb.transactions
from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.event_handler.openapi import params
APIGatewayRestResolver(enable_validation=True)
"""
ENVIRONMENT = {
    "NAMESPACE": "heliograph",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "POWERTOOLS_SERVICE_NAME": "cold-start",
    "POWERTOOLS_METRICS_NAMESPACE": "Heliograph",
    "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'layers' / 'shared' / 'python'}",
}
GROUPS = {
    "powertools": r"aws_lambda_powertools|jmespath",
    "pydantic": r"pydantic|annotated_types|typing_inspection",
    "pynamodb, botocore": r"pynamodb|botocore|urllib3|dateutil|s3transfer",
    "jwt, cryptography": r"jwt|cryptography|_cffi_backend|cffi",
    "kernel": r"heliograph",
    "capabilities": r"functions",
}
TIMED = "import time; _began = time.process_time()\n{code}\nprint(time.process_time() - _began)"


@dataclass(frozen=True)
class Measured:
    """Medians: milliseconds of processor time, and the ratio to the libraries. `breakdown`: by group of modules."""

    milliseconds: float
    ratio: float
    breakdown: dict[str, float]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as bytecode:
        measured = _measure(
            {"libraries": LIBRARIES, **{name: f"import functions.{name}.api" for name in CAPABILITIES}},
            bytecode,
            rounds,
        )
        heavy = {name: _heavy_modules(name, bytecode) for name in CAPABILITIES}
    _print_table(measured)
    worst = max(measured[name].ratio for name in CAPABILITIES)
    for name, modules in heavy.items():
        if modules:
            print(f"{name} loads {', '.join(modules)}")
    print(f"cold_start_worst_ratio {worst:.2f} x {TARGET_RATIO}")
    return 0 if worst <= TARGET_RATIO and not any(heavy.values()) else 1


def _measure(codes: dict[str, str], bytecode: str, rounds: int) -> dict[str, Measured]:
    times: dict[str, list[float]] = {name: [] for name in codes}
    for code in codes.values():
        _run(code, bytecode)  # compiles
    for _ in range(rounds):
        for name, code in codes.items():
            times[name].append(1000 * float(_run(TIMED.format(code=code), bytecode)))
    return {
        name: Measured(statistics.median(times[name]), _median_ratio(times, name), _breakdown(code, bytecode))
        for name, code in codes.items()
    }


def _median_ratio(times: dict[str, list[float]], name: str) -> float:
    return statistics.median(own / base for own, base in zip(times[name], times["libraries"], strict=True))


def _run(code: str, bytecode: str, *options: str) -> str:
    return _process(code, bytecode, options).stdout.strip()


def _process(code: str, bytecode: str, options: Sequence[str]) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return subprocess.run(
        [sys.executable, "-X", f"pycache_prefix={bytecode}", *options, "-c", code],
        env=inherited | ENVIRONMENT,
        capture_output=True,
        text=True,
        check=True,
    )


def _heavy_modules(capability: str, bytecode: str) -> list[str]:
    code = f"import sys, functions.{capability}.api\nprint(*(name for name in {HEAVY} if name in sys.modules))"
    return _run(code, bytecode).split()


def _breakdown(code: str, bytecode: str) -> dict[str, float]:
    """Milliseconds of self time by group; tracing adds a little to each."""
    best: dict[str, int] = {}
    for _ in range(BREAKDOWN_RUNS):
        for line in _process(code, bytecode, ["-X", "importtime"]).stderr.splitlines():
            if found := re.match(r"import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)", line):
                best[found[2]] = min(best.get(found[2], sys.maxsize), int(found[1]))
    spent = dict.fromkeys([*GROUPS, "standard library"], 0.0)
    for module, microseconds in best.items():
        package = module.split(".")[0]
        group = next((group for group, names in GROUPS.items() if re.fullmatch(names, package)), "standard library")
        spent[group] += microseconds / 1000
    return spent


def _print_table(measured: dict[str, Measured]) -> None:
    groups = list(measured["libraries"].breakdown)
    print("| handler | ms | ratio | " + " | ".join(groups) + " |")
    print("|---" * (3 + len(groups)) + "|")
    for name, row in measured.items():
        parts = " | ".join(f"{row.breakdown[group]:.0f}" for group in groups)
        print(f"| {name} | {row.milliseconds:.0f} | {row.ratio:.2f} | {parts} |")


if __name__ == "__main__":
    sys.exit(main())
