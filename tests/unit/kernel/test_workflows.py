"""How state machines are started, and what they call."""

import json
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from heliograph import aws, workflows


class Started(Exception):
    pass


class States:
    """Step Functions, which starts an execution of one name once."""

    class exceptions:  # noqa: N801  (boto3's names)
        ExecutionAlreadyExists = Started

    def __init__(self) -> None:
        self.executions: dict[tuple[str, str], dict[str, Any]] = {}

    def start_execution(self, stateMachineArn: str, name: str, input: str) -> None:  # noqa: A002, N803
        if (stateMachineArn, name) in self.executions:
            raise Started
        self.executions[stateMachineArn, name] = json.loads(input)


class Given(BaseModel):
    name: str


def test_an_execution_is_started_once(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    states = States()
    monkeypatch.setattr(aws, "client", lambda _service: states)
    # when
    for _ in range(2):
        workflows.start("machine", "job-1", {"jobId": "job-1"})
    # then
    assert states.executions == {("machine", "job-1"): {"jobId": "job-1"}}


def test_a_step_reads_what_it_is_given(context: Any) -> None:
    step = workflows.step(Given, lambda given: {"greeting": f"Hello {given.name}"})
    assert step({"name": "Ada"}, context) == {"greeting": "Hello Ada"}
    with pytest.raises(ValidationError):
        step({}, context)
