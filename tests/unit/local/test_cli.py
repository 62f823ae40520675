"""What the commands of the local cloud are about."""

import pytest

from local.cli import port_meant


@pytest.mark.parametrize(
    ("asked", "running", "meant"),
    [(None, [], 4566), (None, [4600], 4600), (None, [4600, 4700], 4566), (4566, [4600], 4566), (4700, [], 4700)],
    ids=["none runs", "the only one", "several run", "asked for", "asked for while none runs"],
)
def test_without_a_port_the_only_running_cloud_is_meant(asked: int | None, running: list[int], meant: int) -> None:
    assert port_meant(asked, running) == meant
