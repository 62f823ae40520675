"""The third-party layers: pinned with hashes, at the versions that the tests run with, within Lambda's limit."""

import importlib.util
import re
from types import ModuleType

import pytest

from infrastructure.catalogue import ALL_FUNCTIONS
from tests.infrastructure.conftest import ROOT

PIN = re.compile(r"^([a-z0-9-]+)(?:\[[a-z,]+\])?==(\S+)", re.MULTILINE)
SETS = sorted(path.parent.name for path in (ROOT / "layers").glob("*/requirements.in"))


@pytest.fixture
def build() -> ModuleType:
    spec = importlib.util.spec_from_file_location("layers_build", ROOT / "layers" / "build.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def pins(path: str) -> dict[str, str]:
    return dict(PIN.findall((ROOT / path).read_text()))


def test_every_set_that_a_function_names_exists(build: ModuleType):
    assert set(SETS) == set(build.SETS) == {name for spec in ALL_FUNCTIONS for name in spec.layers}


@pytest.mark.parametrize("name", SETS)
def test_a_set_is_pinned_to_what_the_tests_run_with(name: str):
    locked = pins(f"layers/{name}/requirements.txt")
    assert locked
    assert locked.items() <= pins("requirements.txt").items()
    text = (ROOT / "layers" / name / "requirements.txt").read_text()
    assert text.count("--hash=sha256:") >= len(locked)


def test_a_function_above_the_limit_is_refused(build: ModuleType, tmp_path, monkeypatch):
    # given layers with one byte more than what is left
    monkeypatch.setattr(build, "BUILT", tmp_path)
    monkeypatch.setattr(build, "LIMIT_MB", 1)
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "big").write_bytes(bytes(1024 * 1024 + 1))
    # then the build stops
    with pytest.raises(build.TooLarge, match="MB unpacked"):
        build.check_sizes()


def test_caches_do_not_count(build: ModuleType, tmp_path):
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "module.pyc").write_bytes(b"12345")
    (tmp_path / "module.py").write_bytes(b"123")
    assert build.size(tmp_path) == 3
