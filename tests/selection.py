"""Which tests run on which cloud. A lane deselects what its cloud does not offer, and lists it by name.

`make test` asks the platform in the test process for everything that it offers, and the deployed clouds for what only
they can show. These marks say which is which; the first and the second are set here, from what tests need:

    deployed    the process does not offer it: `make test` runs it on MiniStack
    reference   MiniStack does not offer it: `make test` runs it on LocalStack; also one story through everything
    sampled     `make test` runs it on MiniStack as well: a sample of what the process was asked in full
    long        takes minutes: `make test-full` runs it
"""

from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest

from local.clouds import DEFAULT, EMULATORS
from local.clouds.emulator import Feature
from tests.process.platform import OFFERS as OFFERED_IN_PROCESS
from tests.running import cloud_under_test

NOT_OFFERED = pytest.StashKey[list[str]]()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the tests with `needs(Feature...)`, and deselect those that this cloud cannot run."""
    offers = cloud_under_test().offers
    chosen, missing = [], []
    for item in items:
        needs = {feature for marker in item.iter_markers("needs") for feature in marker.args}
        _mark(item, needs)
        if lacking := needs - offers:
            config.stash[NOT_OFFERED].append(f"{item.nodeid} ({', '.join(sorted(lacking))})")
        (missing if lacking else chosen).append(item)
    if missing:
        config.hook.pytest_deselected(items=missing)
        items[:] = chosen


def _mark(item: pytest.Item, needs: Collection[Feature]) -> None:
    if set(needs) - OFFERED_IN_PROCESS:
        item.add_marker("deployed")
    if set(needs) - EMULATORS[DEFAULT].offers:
        item.add_marker("reference")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[NOT_OFFERED] = []


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Workers of xdist select the tests; their controller lists what was deselected, and gets it from the first."""
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["not offered"] = session.config.stash[NOT_OFFERED]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    node.config.stash[NOT_OFFERED] = getattr(node, "workeroutput", {}).get("not offered", [])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """List what was deselected; also in a file beside JUnit's report, which has no place for it."""
    lines = config.stash[NOT_OFFERED]
    for line in lines:
        terminalreporter.write_line(f"not offered by {cloud_under_test().title}: {line}")
    if lines and config.option.xmlpath:
        Path(config.option.xmlpath).with_suffix(".not-offered").write_text("".join(f"{line}\n" for line in lines))
