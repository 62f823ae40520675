"""The video workflow: from the bucket's event to the machine, and every way through it."""

import json
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from infrastructure.catalogue import VIDEO_STEPS
from infrastructure.video_workflow import VIDEO
from tests.infrastructure.conftest import Resource, Templates
from tests.infrastructure.test_functions import as_list, statements_of, text
from tests.infrastructure.test_media import buckets

States = dict[str, dict[str, Any]]


def machine(templates: Templates) -> Resource:
    return templates.named("AWS::StepFunctions::StateMachine", "StateMachineName")[f"heliograph-{VIDEO}"]


def scopes(states: States) -> Iterator[States]:
    """The machine's states, and those of each branch and item, which lead to one another only among themselves."""
    yield states
    for state in states.values():
        for inner in (*state.get("Branches", []), *([state["ItemProcessor"]] if "ItemProcessor" in state else [])):
            yield from scopes(inner["States"])


def following(state: dict[str, Any]) -> set[str]:
    ways = [state.get("Next"), state.get("Default"), *(choice["Next"] for choice in state.get("Choices", []))]
    return {way for way in ways if way}


@pytest.fixture
def definition(either: Templates) -> dict[str, Any]:
    return json.loads(text(machine(either).properties["DefinitionString"]))


def tasks(definition: dict[str, Any]) -> States:
    return {
        name: state
        for states in scopes(definition["States"])
        for name, state in states.items()
        if state["Type"] == "Task"
    }


def test_every_state_has_a_successor_and_every_task_retries(definition: dict[str, Any]) -> None:
    for states in scopes(definition["States"]):
        for name, state in states.items():
            assert following(state) <= set(states), name
            assert following(state) or state.get("End") or state["Type"] == "Succeed", name
    for name, state in tasks(definition).items():
        assert "States.TaskFailed" in state["Retry"][0]["ErrorEquals"], name
        assert "Catch" not in state, "or a failed execution could not be redriven from its step"


def test_videos_are_scanned_and_moderated_before_they_are_shown(definition: dict[str, Any]) -> None:
    states = definition["States"]
    order = ["Probe", "Scan", "Moderate", "Plan", "Produce", "Package", "Finish"]
    for before, after in pairwise(order):
        arrivals = {name for name, state in states.items() if after in following(state)} - {f"{after}Later"}
        expected = before if before == "Produce" else f"{before}?"
        assert arrivals == {expected}, after
    for name in ("Probe", "Scan", "Moderate", "Plan", "Package", "Finish"):
        choice = states[f"{name}?"]
        assert choice["Default"] == "Gone", "what is neither go nor reject ends quietly"
        ways = {one["StringEquals"]: one["Next"] for one in choice["Choices"]}
        assert ways["reject"] == f"Reject{name}"
        assert states[f"Reject{name}"]["Parameters"]["reason.$"] == f"{states[name]['ResultPath']}.reason"


def test_state_machine_calls_every_step_and_may_call_nothing_else(aws: Templates) -> None:
    resource = machine(aws)
    definition = json.loads(text(resource.properties["DefinitionString"]))
    called = {state["Resource"].rpartition(":")[2] for state in tasks(definition).values()}
    assert called == {f"heliograph-{spec.full_name}" for spec in VIDEO_STEPS}
    invoke, *_ = statements_of(aws, resource.stack, resource.properties["RoleArn"])
    assert as_list(invoke["Action"]) == ["lambda:InvokeFunction"]
    assert {text(arn).rpartition(":")[2] for arn in as_list(invoke["Resource"])} == called


def test_an_upload_of_a_video_reaches_the_starter_and_photos_do_not(either: Templates) -> None:
    # given the bucket that tells the bus
    uploads = buckets(either)["uploads"].properties["NotificationConfiguration"]
    assert uploads["EventBridgeConfiguration"] == {"EventBridgeEnabled": True}

    # then one rule of the default bus takes what is below videos/, to the starter's queue
    (rule,) = [
        rule
        for rule in either.of_type("AWS::Events::Rule")
        if rule.properties.get("EventPattern", {}).get("source") == ["aws.s3"]
    ]
    assert "EventBusName" not in rule.properties
    pattern = rule.properties["EventPattern"]
    assert pattern["detail-type"] == ["Object Created"]
    assert pattern["detail"]["object"]["key"] == [{"prefix": "videos/"}]
    (target,) = rule.properties["Targets"]
    queue = either.get(rule.stack, target["Arn"]["Fn::GetAtt"][0])
    assert queue["QueueName"] == "heliograph-media-videos"


def test_the_starter_may_start_this_machine_only(aws: Templates) -> None:
    starter = aws.named("AWS::Lambda::Function", "FunctionName")["heliograph-media-start-video"]
    granted = [
        text(resource)
        for statement in statements_of(aws, starter.stack, starter.properties["Role"])
        if "states:StartExecution" in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
    ]
    assert [arn.rpartition(":")[2] for arn in granted] == [f"heliograph-{VIDEO}"]


def test_steps_have_the_time_and_disk_that_a_video_needs(either: Templates) -> None:
    functions = either.named("AWS::Lambda::Function", "FunctionName")
    for spec in VIDEO_STEPS:
        properties = functions[f"heliograph-{spec.full_name}"].properties
        assert properties["Timeout"] == 900, "on a local cloud too: no queue waits for it"
        assert properties["EphemeralStorage"]["Size"] >= 4 * 500
