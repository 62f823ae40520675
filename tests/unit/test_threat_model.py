"""The threat model names tests: they must be there."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "operations" / "threat-model.md").read_text()
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", DOCUMENT)))


@cache
def _tests_in(path: str) -> set[str]:
    source = ROOT / path
    if not source.is_file():
        return set()
    return {node.name for node in ast.walk(ast.parse(source.read_text())) if isinstance(node, ast.FunctionDef)}


def test_the_document_names_tests() -> None:
    assert len(NAMED) > 50


@pytest.mark.parametrize(("path", "test"), NAMED)
def test_a_named_test_exists(path: str, test: str) -> None:
    assert test in _tests_in(path)


@pytest.mark.parametrize("chapter", ["V2", "V4", "V5", "V6", "V7", "V8", "V9", "V16"])
def test_every_chapter_is_there(chapter: str) -> None:
    assert f"\n## {chapter} " in DOCUMENT
