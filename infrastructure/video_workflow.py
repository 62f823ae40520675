"""The state machine that makes a video of an upload, in Amazon States Language.

Verdicts are data: each step says `go`, `reject` with a reason, `wait`, or `gone` (somebody erased the item). An error
is tried again, and then fails the execution, which an alarm tells of and which can be redriven from the very step.
"""

from typing import Any

from infrastructure.target import Target
from infrastructure.workflows import RETRY, States

VIDEO = "video"
LONGEST_SECONDS = 2 * 3600
SCAN_AGAIN_SECONDS = 5
# A clip up to this long is encoded by one worker, because starting more costs more than it saves.
CHUNKED_ABOVE_SECONDS = 20
# Workers of one video at once.
WORKERS = 30

UPLOAD = {"mediaId.$": "$.mediaId", "key.$": "$.key"}
SOURCE = UPLOAD | {"etag.$": "$.source.etag", "version.$": "$.source.version"}
PLANNED = SOURCE | {"plan.$": "$.planned.plan"}


def definition(target: Target) -> dict[str, Any]:
    """{mediaId, key}: look at it, judge it, cut it, encode the pieces at once, and show it."""
    states: States = {
        **_judged(target, "Probe", "probe", UPLOAD, "$.source", then="Scan"),
        **_judged(target, "Scan", "scan", SOURCE, "$.scan", then="Moderate", again="ScanLater"),
        "ScanLater": {"Type": "Wait", "Seconds": SCAN_AGAIN_SECONDS, "Next": "Scan"},
        **_judged(target, "Moderate", "moderate", SOURCE, "$.moderated", then="Plan"),
        **_judged(target, "Plan", "plan", SOURCE, "$.planned", then="Produce"),
        "Produce": {
            "Type": "Parallel",
            "Branches": [
                _branch({"Chunks": _chunks(target)}, "Chunks"),
                _branch({"Sound": _task(target, "sound", PLANNED, End=True)}, "Sound"),
                _branch(
                    {
                        "Stills": _task(target, "still", PLANNED, ResultPath="$.stills", Next="Stills?"),
                        "Stills?": _choice("$.stills", {"go": "Picture"}, "NoPicture"),
                        "NoPicture": {"Type": "Pass", "OutputPath": "$.stills", "End": True},
                        "Picture": _task(target, "picture", SOURCE, End=True),
                    },
                    "Stills",
                ),
            ],
            "ResultPath": "$.made",
            "Next": "Package",
        },
        **_judged(
            target,
            "Package",
            "package",
            PLANNED | {"pictures.$": "$.made[0]", "sound.$": "$.made[1]", "stills.$": "$.made[2]"},
            "$.packaged",
            then="Finish",
        ),
        **_judged(target, "Finish", "finish", PLANNED | {"picture.$": "$.made[2].picture"}, "$.finished", then="Done"),
        "Done": {"Type": "Succeed"},
        "Gone": {"Type": "Succeed"},
    }
    return {"StartAt": "Probe", "TimeoutSeconds": LONGEST_SECONDS, "States": states}


def functions(target: Target) -> list[str]:
    """The ARNs of the functions that the definition calls."""
    return sorted(set(_resources(definition(target))))


def _resources(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["Resource"]] if node.get("Type") == "Task" else []
        return [*own, *(arn for value in node.values() for arn in _resources(value))]
    return [arn for value in node for arn in _resources(value)] if isinstance(node, list) else []


def _chunks(target: Target) -> dict[str, Any]:
    """A worker for each chunk; a plan of one chunk is the single pass."""
    return {
        "Type": "Map",
        "ItemsPath": "$.planned.plan.chunks",
        "MaxConcurrency": WORKERS,
        "ItemSelector": PLANNED | {"chunk.$": "$$.Map.Item.Value"},
        "ItemProcessor": {
            "ProcessorConfig": {"Mode": "INLINE"},
            **_branch(
                {
                    "Pictures": _task(
                        target,
                        "pictures",
                        {name: f"$.{name.removesuffix('.$')}" for name in (*PLANNED, "chunk.$")},
                        End=True,
                    )
                },
                "Pictures",
            ),
        },
        "End": True,
    }


def _judged(
    target: Target, name: str, function: str, given: dict[str, Any], path: str, *, then: str, again: str = ""
) -> States:
    """A step, and what follows from its verdict. The reasons stay with it, in `path`."""
    reject = f"Reject{name}"
    ways = {"go": then, "reject": reject} | ({"wait": again} if again else {})
    return {
        name: _task(target, function, given, ResultPath=path, Next=f"{name}?"),
        f"{name}?": _choice(path, ways, "Gone"),
        reject: _task(target, "reject", UPLOAD | {"reason.$": f"{path}.reason"}, End=True),
    }


def _choice(path: str, ways: dict[str, str], otherwise: str) -> dict[str, Any]:
    choices = [
        {"Variable": f"{path}.verdict", "StringEquals": verdict, "Next": state} for verdict, state in ways.items()
    ]
    return {"Type": "Choice", "Choices": choices, "Default": otherwise}


def _branch(states: States, start: str) -> dict[str, Any]:
    return {"StartAt": start, "States": states}


def _task(target: Target, function: str, parameters: dict[str, Any], **more: Any) -> dict[str, Any]:
    arn = target.arn("lambda", f"function:{target.named(f'media-video-{function}')}")
    return {"Type": "Task", "Resource": arn, "Parameters": parameters, "Retry": RETRY, **more}
