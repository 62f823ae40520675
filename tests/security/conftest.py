"""One community for all tests of what may be seen."""

from collections.abc import Callable

import pytest

from local.client import Client
from tests.integration.behind import Aws
from tests.security.community import Community, build


@pytest.fixture(scope="session")
def people(join: Callable[[str], Client], aws: Aws) -> Community:
    return build(join, aws)
