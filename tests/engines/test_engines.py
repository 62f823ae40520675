"""The engines as programs."""

import pytest

from local.java import JavaError
from tests.engines.engines import running


def test_without_java_the_run_fails_and_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(JavaError, match="Java 17 or newer is needed"), running("opensearch"):
        pass
