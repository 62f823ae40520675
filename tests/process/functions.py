"""The platform's functions, called in this process: each with its own settings, one at a time."""

import importlib
import io
import json
import logging
import os
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

from heliograph import config
from tests.process.assembly import Function


@dataclass(frozen=True)
class Context:
    """Lambda's context, as far as handlers look at it."""

    function_name: str
    timeout_seconds: int
    memory_limit_in_mb: int = 1024
    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    begun: float = field(default_factory=time.monotonic)

    @property
    def invoked_function_arn(self) -> str:
        return f"arn:aws:lambda:us-east-1:000000000000:function:{self.function_name}"

    def get_remaining_time_in_millis(self) -> int:
        return int(1000 * (self.timeout_seconds - (time.monotonic() - self.begun)))


class Functions:
    """Handlers by the names of their functions. `common`: settings that Lambda gives to all."""

    def __init__(self, functions: Mapping[str, Function], common: Mapping[str, str]) -> None:
        self._functions, self._common = dict(functions), common
        self._handlers: dict[str, Callable[[Any, Any], Any]] = {}
        self._running: list[str] = []
        self._entered = ""

    @property
    def running(self) -> str:
        """The function that is at work; empty between two."""
        return self._running[-1] if self._running else ""

    def invoke(self, name: str, event: dict[str, Any]) -> Any:
        """Call a handler as Lambda would: what goes in and what comes out has been JSON."""
        function = self._functions[name]
        with self._as(function):
            answer = self._handler(function)(json.loads(json.dumps(event)), Context(name, function.timeout_seconds))
        return json.loads(json.dumps(answer))

    def settings(self, name: str) -> Mapping[str, str]:
        return self._functions[name].settings

    def configure(self, name: str, settings: Mapping[str, str]) -> None:
        """Other settings for a function. As on Lambda, what its instances knew is forgotten with them."""
        self._functions[name] = replace(self._functions[name], settings=settings)
        self._entered = ""
        from heliograph import live

        live.forget()

    def _handler(self, function: Function) -> Callable[[Any, Any], Any]:
        if function.name not in self._handlers:
            module, _, name = function.handler.rpartition(".")
            self._handlers[function.name] = getattr(importlib.import_module(module), name)
        return self._handlers[function.name]

    @contextmanager
    def _as(self, function: Function) -> Iterator[None]:
        self._running.append(function.name)
        self._enter(function.name)
        try:
            yield
        finally:
            self._running.pop()
            if self._running:
                self._enter(self._running[-1])

    def _enter(self, name: str) -> None:
        """Put the function's settings in force, unless they are."""
        if self._entered != name:
            self._entered = name
            os.environ.clear()
            os.environ.update({**self._common, **self.settings(name)})
            config.forget()


@dataclass
class FunctionsClient:
    """The part of boto3's Lambda client by which functions and tests call functions."""

    functions: Functions

    def invoke(self, FunctionName: str, Payload: bytes | str = b"{}", **_: Any) -> dict[str, Any]:  # noqa: N803  (boto3's)
        name = FunctionName.rpartition(":")[2]
        try:
            answer = self.functions.invoke(name, json.loads(Payload))
        except Exception as error:
            logging.getLogger(__name__).exception("%s failed", name)
            told = {"errorMessage": str(error), "errorType": type(error).__name__}
            return {"StatusCode": 200, "FunctionError": "Unhandled", "Payload": io.BytesIO(json.dumps(told).encode())}
        return {"StatusCode": 200, "Payload": io.BytesIO(json.dumps(answer).encode())}

    def get_function_configuration(self, FunctionName: str) -> dict[str, Any]:  # noqa: N803
        return {"Environment": {"Variables": dict(self.functions.settings(FunctionName))}}

    def update_function_configuration(self, FunctionName: str, Environment: dict[str, Any]) -> None:  # noqa: N803
        self.functions.configure(FunctionName, Environment["Variables"])

    def get_waiter(self, _name: str) -> Any:
        """Everything is done when it is asked for."""
        return SimpleNamespace(wait=lambda **_: None)
