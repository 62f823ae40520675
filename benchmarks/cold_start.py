"""Import time of each API handler against that of the libraries it cannot do without.

`python benchmarks/cold_start.py`: each handler is imported in a fresh interpreter right after the libraries alone were,
again and again; the ratio is the median of these pairs, because the speed of a shared machine drifts. Processor time,
with compiled bytecode (as on Lambda when layers are built with it). Breakdown: self time per group of modules, from
`-X importtime`.
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
CAPABILITIES = ("accounts", "graph", "media", "posts", "stories", "feed", "discovery")
TARGET_RATIO = 1.25
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
    """Medians: seconds of processor time, and the ratio to the libraries. `breakdown`: milliseconds by group."""

    name: str
    seconds: float
    ratio: float
    breakdown: dict[str, float]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as bytecode:
        measured = [_measure(name, f"import functions.{name}.api", bytecode, rounds) for name in CAPABILITIES]
        libraries = _measure("libraries", LIBRARIES, bytecode, rounds)
        heavy = {name: _heavy_modules(name, bytecode) for name in CAPABILITIES}
    _print_table([libraries, *measured])
    worst = max(handler.ratio for handler in measured)
    for name, modules in heavy.items():
        if modules:
            print(f"{name} loads {', '.join(modules)}")
    print(f"cold_start_worst_ratio {worst:.2f} x {TARGET_RATIO}")
    return 0 if worst <= TARGET_RATIO and not any(heavy.values()) else 1


def _measure(name: str, code: str, bytecode: str, rounds: int) -> Measured:
    _run(code, bytecode)  # compiles
    times, ratios = [], []
    for _ in range(rounds):
        libraries, own = (float(_run(TIMED.format(code=timed), bytecode)) for timed in (LIBRARIES, code))
        times.append(own)
        ratios.append(own / libraries)
    return Measured(name, statistics.median(times), statistics.median(ratios), _breakdown(code, bytecode))


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
    spent = dict.fromkeys([*GROUPS, "standard library"], 0.0)
    for line in _process(code, bytecode, ["-X", "importtime"]).stderr.splitlines():
        found = re.match(r"import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)", line)
        if found:
            name = found.group(2).split(".")[0]
            group = next((group for group, names in GROUPS.items() if re.fullmatch(names, name)), "standard library")
            spent[group] += int(found.group(1)) / 1000
    return spent


def _print_table(rows: Sequence[Measured]) -> None:
    groups = list(rows[0].breakdown)
    print("| handler | ms | ratio | " + " | ".join(groups) + " |")
    print("|---" * (3 + len(groups)) + "|")
    for row in rows:
        parts = " | ".join(f"{row.breakdown[group]:.0f}" for group in groups)
        print(f"| {row.name} | {row.seconds * 1000:.0f} | {row.ratio:.2f} | {parts} |")


if __name__ == "__main__":
    sys.exit(main())
