"""What set-up goes by: the registry of pip, and a Node that is new enough."""

from pathlib import Path

import pytest

from local.node import version
from local.packages import uv_settings


def test_uv_is_given_the_index_and_the_certificates_of_pip() -> None:
    configured = ":env:.cert='/company.pem'\nglobal.index-url='https://packages.example/simple'\nglobal.timeout='3'\n"
    assert uv_settings(configured) == {
        "SSL_CERT_FILE": "/company.pem",
        "UV_DEFAULT_INDEX": "https://packages.example/simple",
    }


@pytest.mark.parametrize(("said", "major"), [("v22.20.0", 22), ("v8.1.0", 8), ("not found", 0)])
def test_version_of_node_is_its_major_one(tmp_path: Path, said: str, major: int) -> None:
    node = tmp_path / "node"
    node.write_text(f"#!/bin/sh\necho {said}\n")
    node.chmod(0o755)
    assert version(str(node)) == major
    assert version(None) == 0
