"""Step Functions as our workflows use it: retries of what is transient, verdicts as data, a way out that is caught."""

import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from local.client import wait_until
from local.clouds.emulator import Feature
from tests.integration.behind import Aws, function

pytestmark = pytest.mark.needs(Feature.DEPLOYMENT)

# Fails as often as it is told to, by the number of the try that Step Functions itself counts.
FLAKY = """
class Transient(Exception):
    pass

class Rejected(Exception):
    pass

def handle(event, context):
    if event.get("reject"):
        raise Rejected("not this one")
    if event["try"] < event["failures"]:
        raise Transient("later")
    return {"verdict": event["verdict"], "tries": event["try"] + 1}
"""
Run = Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]]


@pytest.fixture(scope="module")
def flaky(aws: Aws) -> Iterator[str]:
    with function(aws, "flaky", FLAKY) as arn:
        yield arn


@contextmanager
def machine(aws: Aws, definition: dict[str, Any]) -> Iterator[str]:
    role = aws("iam").create_role(RoleName=f"test-{uuid.uuid4().hex}", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    states = aws("stepfunctions")
    arn = states.create_state_machine(
        name=f"test-{uuid.uuid4().hex[:8]}", definition=json.dumps(definition), roleArn=role
    )["stateMachineArn"]
    try:
        yield arn
    finally:
        states.delete_state_machine(stateMachineArn=arn)


@pytest.fixture
def run(aws: Aws) -> Run:
    """Run a definition to its end."""

    def run(definition: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
        states = aws("stepfunctions")
        with machine(aws, definition) as arn:
            execution = states.start_execution(stateMachineArn=arn, input=json.dumps(given))["executionArn"]

            def ended() -> dict[str, Any] | None:
                described = states.describe_execution(executionArn=execution)
                return described if described["status"] != "RUNNING" else None

            return wait_until(ended, seconds=60, what="the end of the workflow")

    return run


def task(arn: str, **more: Any) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": arn,
        "Parameters": {
            "try.$": "$$.State.RetryCount",
            "failures.$": "$.failures",
            "verdict.$": "$.verdict",
            "reject.$": "$.reject",
        },
        **more,
    }


def retry(error: str) -> list[dict[str, Any]]:
    return [{"ErrorEquals": [error], "IntervalSeconds": 1, "MaxAttempts": 2, "BackoffRate": 1.0}]


def by_verdict(arn: str) -> dict[str, Any]:
    """What is transient is tried again; what was found out is data, and branched on."""
    return {
        "StartAt": "Inspect",
        "States": {
            "Inspect": task(
                arn,
                Retry=retry("States.TaskFailed"),
                Catch=[{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Failed"}],
                Next="Verdict",
            ),
            "Verdict": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.verdict", "StringEquals": "good", "Next": "Published"}],
                "Default": "Rejected",
            },
            "Published": {"Type": "Pass", "Parameters": {"end": "published", "tries.$": "$.tries"}, "End": True},
            "Rejected": {"Type": "Pass", "Parameters": {"end": "rejected"}, "End": True},
            "Failed": {"Type": "Pass", "Parameters": {"end": "failed", "asked.$": "$.verdict"}, "End": True},
        },
    }


@pytest.mark.parametrize(
    ("given", "end"),
    [
        ({"failures": 0, "verdict": "good"}, {"end": "published", "tries": 1}),
        ({"failures": 2, "verdict": "good"}, {"end": "published", "tries": 3}),
        ({"failures": 0, "verdict": "bad"}, {"end": "rejected"}),
        ({"failures": 3, "verdict": "good"}, {"end": "failed", "asked": "good"}),
    ],
    ids=["at once", "at the third try", "by verdict", "given up"],
)
def test_workflow_retries_transient_errors_and_branches_on_verdicts(
    run: Run, flaky: str, given: dict[str, Any], end: dict[str, Any]
) -> None:
    ended = run(by_verdict(flaky), {"reject": False, **given})
    assert (ended["status"], json.loads(ended["output"])) == ("SUCCEEDED", end)


@pytest.mark.needs(Feature.ERROR_NAMES)
def test_workflow_retries_and_catches_errors_by_name(run: Run, flaky: str) -> None:
    # Given a task that is tried again for one error, and left for another
    definition = {
        "StartAt": "Inspect",
        "States": {
            "Inspect": task(
                flaky,
                Retry=retry("Transient"),
                Catch=[{"ErrorEquals": ["Rejected"], "Next": "Rejected"}],
                End=True,
            ),
            "Rejected": {"Type": "Pass", "Parameters": {"why.$": "$.Error"}, "End": True},
        },
    }
    # Then the one is survived, the other is caught at once, and one try too many ends the workflow
    survived = run(definition, {"failures": 2, "verdict": "good", "reject": False})
    assert json.loads(survived["output"]) == {"verdict": "good", "tries": 3}
    caught = run(definition, {"failures": 0, "verdict": "good", "reject": True})
    assert json.loads(caught["output"]) == {"why": "Rejected"}
    failed = run(definition, {"failures": 3, "verdict": "good", "reject": False})
    assert (failed["status"], failed["error"]) == ("FAILED", "Transient")
