"""State machines: how they are started, and the functions that they call."""

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel

from heliograph import aws, startup
from heliograph.observability import count, logger, metrics

G = TypeVar("G", bound=BaseModel)
Handler = Callable[[dict[str, Any], Any], Any]


def start(machine_arn: str, name: str, given: Mapping[str, str]) -> None:
    """Start an execution. One that was started under this name before is the same: nothing is done twice."""
    states = aws.client("stepfunctions")
    try:
        states.start_execution(stateMachineArn=machine_arn, name=name, input=json.dumps(given, sort_keys=True))
    except states.exceptions.ExecutionAlreadyExists:
        return


def step(given: type[G], handle: Callable[[G], Any]) -> Handler:
    """A Lambda handler for a step that needs no more time than it has. Raises ValidationError for a wrong input."""
    return handler(lambda event, _context: handle(given.model_validate(event)))


def handler(handle: Handler) -> Handler:
    """A Lambda handler whose errors reach the state machine, which tries again or gives up."""

    @logger.inject_lambda_context
    @metrics.log_metrics
    def on_step(event: dict[str, Any], context: Any) -> Any:
        count("StepsBegun")
        return handle(event, context)

    startup.done()
    return on_step
