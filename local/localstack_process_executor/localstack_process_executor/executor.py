"""LocalStack's view of an execution environment: a runtime executor, and the plug-in by which LocalStack finds it."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from localstack.services.lambda_.invocation.executor_endpoint import StatusErrorException
from localstack.services.lambda_.invocation.lambda_models import ArchiveCode, FunctionVersion, InvocationResult
from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin
from localstack.services.lambda_.invocation.runtime_executor import RuntimeExecutor

from localstack_process_executor.environment import Environment, InitError
from localstack_process_executor.process import Invocation

# The interpreter that has awslambdaric and what the functions import.
PYTHON = "LAMBDA_PROCESS_PYTHON"
# Of LocalStack's own variables only these reach a function.
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE")


class ProcessExecutorPlugin(RuntimeExecutorPlugin):
    """Selected by LAMBDA_RUNTIME_EXECUTOR=process."""

    name = "process"

    def load(self, *_: Any, **__: Any) -> type[RuntimeExecutor]:
        return ProcessExecutor


class ProcessExecutor(RuntimeExecutor):
    """One execution environment of one function version, as one process."""

    def __init__(self, id: str, function_version: FunctionVersion) -> None:  # noqa: A002 - LocalStack's own name
        super().__init__(id=id, function_version=function_version)
        self._environment: Environment | None = None

    def start(self, env_vars: dict[str, Any]) -> None:
        config = self.function_version.config
        code = config.code.get_unzipped_code_location()
        layers = [layer.code.get_unzipped_code_location() / "python" for layer in config.layers]
        inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        variables = inherited | {name: str(value) for name, value in env_vars.items()}
        variables |= {
            "LAMBDA_TASK_ROOT": str(code),
            "PYTHONPATH": os.pathsep.join(map(str, [code, *layers])),
        }
        self._environment = Environment(
            [os.environ[PYTHON], "-m", "awslambdaric", str(config.handler)],
            directory=Path(code),
            variables=variables,
            timeout_seconds=config.timeout,
        )
        try:
            self._environment.start()
        except InitError as error:
            raise StatusErrorException("the function could not be initialised", error.payload) from None

    def stop(self) -> None:
        if self._environment:
            self._environment.stop()

    def invoke(self, payload: dict[str, str]) -> InvocationResult:
        assert self._environment
        invocation = Invocation(
            id=payload["invoke-id"],
            function_arn=payload["invoked-function-arn"],
            trace=payload["trace-id"],
            payload=payload["payload"].encode(),
        )
        try:
            outcome = self._environment.invoke(invocation)
        except InitError as error:
            return InvocationResult(invocation.id, error.payload, is_error=True, logs=error.logs)
        return InvocationResult(invocation.id, outcome.payload, is_error=outcome.failed, logs=outcome.logs)

    def get_logs(self) -> str:
        return self._environment.logs() if self._environment else ""

    def get_address(self) -> str:
        return "127.0.0.1"

    def get_endpoint_from_executor(self) -> str:
        return "localhost"

    def get_runtime_endpoint(self) -> str:
        # Where a container would report to; this executor is in LocalStack's own process.
        return ""

    @classmethod
    def prepare_version(cls, function_version: FunctionVersion) -> None:
        for code in _archives(function_version):
            code.prepare_for_execution()

    @classmethod
    def cleanup_version(cls, function_version: FunctionVersion) -> None:
        """Nothing: after an update the new version may share the unpacked code of the old one."""


def _archives(function_version: FunctionVersion) -> Iterator[ArchiveCode]:
    config = function_version.config
    if config.code:
        yield config.code
    yield from (layer.code for layer in config.layers if layer.code)
