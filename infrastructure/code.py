"""What runs inside the functions: one code asset for all, the kernel layer, and the third-party layers for AWS."""

import atexit
import compileall
import py_compile
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from aws_cdk import Stack
from aws_cdk import aws_lambda as lambda_

from infrastructure.specs import Layer
from infrastructure.target import Target

ROOT = Path(__file__).resolve().parents[1]
BUILT_LAYERS = ROOT / ".local" / "layers"
RUNTIME = lambda_.Runtime.PYTHON_3_13
CACHES = ["**/__pycache__", "**/*.pyc"]


class LayersMissing(RuntimeError):
    """The third-party layers were not built."""


class StackCode:
    """The code of one stack's functions.

    Each stack has its own layer versions, because one that is exported to other stacks could never be replaced.
    """

    def __init__(self, stack: Stack, target: Target) -> None:
        self.functions = lambda_.Code.from_asset(_staged_functions(compiled=target.local))
        self._stack = stack
        self._target = target
        self._versions: dict[str, lambda_.LayerVersion] = {}

    def layers(self, names: Iterable[Layer]) -> list[lambda_.LayerVersion]:
        """The kernel, and the named third-party layers where the target has them."""
        kernel = self._version("kernel", self._kernel())
        if not self._target.third_party_layers:
            return [kernel]
        return [kernel, *(self._version(name, self._built(name)) for name in names)]

    def _version(self, name: str, code: lambda_.Code) -> lambda_.LayerVersion:
        if name not in self._versions:
            self._versions[name] = lambda_.LayerVersion(
                self._stack,
                f"{name.title()}Layer",
                code=code,
                compatible_runtimes=[RUNTIME],
                compatible_architectures=[lambda_.Architecture.ARM_64],
            )
        return self._versions[name]

    def _kernel(self) -> lambda_.Code:
        if self._target.local:
            return lambda_.Code.from_asset(_staged_kernel())
        return lambda_.Code.from_asset(str(ROOT / "layers" / "shared"), exclude=CACHES)

    def _built(self, name: Layer) -> lambda_.Code:
        folder = BUILT_LAYERS / name
        if self._target.placeholder_layers:
            folder = ROOT / "layers" / name
        elif not (folder / "python").is_dir():
            raise LayersMissing(f"{folder / 'python'} is missing: run `make layers` before synthesising for AWS")
        return lambda_.Code.from_asset(str(folder))


@cache
def _staged_functions(*, compiled: bool) -> str:
    """A folder that holds `functions/` alone, so that handler strings are the import paths of the repository."""
    folder = staged({"functions": ROOT / "functions"})
    return _compiled(folder) if compiled else folder


@cache
def _staged_kernel() -> str:
    return _compiled(staged({"python": ROOT / "layers" / "shared" / "python"}))


def _compiled(folder: str) -> str:
    """The folder, with bytecode of this interpreter, which is that of local clouds too.

    Each of their workers unpacks the code for itself, and would compile it again: half of a cold start.
    """
    compileall.compile_dir(
        folder, quiet=1, stripdir=folder, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH
    )
    return folder


def staged(contents: Mapping[str, Path]) -> str:
    """A folder with copies of these files and folders under these names, for as long as the process lives."""
    root = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, root)
    for name, source in contents.items():
        if source.is_dir():
            shutil.copytree(source, Path(root, name), ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
        else:
            shutil.copyfile(source, Path(root, name))
    return root
