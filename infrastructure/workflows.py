"""State machines in Amazon States Language, generated from lists of steps: who exports and erases what, in which order.

Each section is one task that is repeated until it says that nothing is left: `heliograph.personal`. What a step finds
out is data; an error is tried again, and then ends the execution.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from infrastructure.target import Target

States = dict[str, dict[str, Any]]


class Machine(StrEnum):
    """Names of state machines, after the namespace."""

    EXPORT = "export"
    ERASURE = "erasure"


@dataclass(frozen=True)
class Step:
    """One section of what a capability knows of a person. A section's name is its file's in the export."""

    capability: str
    section: str


def _steps(capability: str, *sections: str) -> tuple[Step, ...]:
    return tuple(Step(capability, section) for section in sections)


EXPORT_STEPS = (
    *_steps("accounts", "profile", "sessions"),
    *_steps("posts", "posts", "comments", "likes", "comment_likes", "saved"),
    *_steps("stories", "stories", "story_views"),
    *_steps("graph", "followers", "following", "follow_requests", "sent_follow_requests"),
    *_steps("graph", "blocks", "mutes", "close_friends"),
    *_steps("feed", "encounters"),
    *_steps("discovery", "tastes", "dismissals"),
    *_steps("media", "media"),
)

ERASURE_STEPS = (
    # Before the posts: these would leave former versions of their files behind.
    *_steps("media", "media"),
    *_steps("stories", "stories", "story_tray", "story_views", "story_mentions"),
    *_steps("posts", "posts", "likes", "saved", "comment_likes", "comments", "post_mentions", "comment_mentions"),
    # After the posts, which are taken out of the followers' feeds; before the feed, which would be filled again.
    *_steps("graph", "ties"),
    *_steps("feed", "feed", "encounters"),
    *_steps("discovery", "tastes", "explore", "dismissals", "usernames"),
    # The account itself comes last: while it is there, it says whether this erasure is still wanted.
    *_steps("accounts", "export", "credentials", "account"),
)

# With what a page leaves undone, the next try goes on: so also work that is too long for one try gets done.
RETRY = [
    {"ErrorEquals": ["States.TaskFailed", "States.Timeout"], "IntervalSeconds": 2, "MaxAttempts": 6, "BackoffRate": 2.0}
]
JOB = {"jobId.$": "$.jobId", "userId.$": "$.userId"}
# Longer than any export takes; `functions/accounts/exports.py` counts on it.
LONGEST_EXPORT_SECONDS = 24 * 3600


def definition(machine: Machine, target: Target) -> dict[str, Any]:
    """The definition of a state machine."""
    return {Machine.EXPORT: export, Machine.ERASURE: erasure}[machine](target)


def export(target: Target) -> dict[str, Any]:
    """{jobId, userId}: every section, then one file. What cannot be done is noted on the export, and fails."""
    catch = [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "NoteFailure"}]
    sections = [step.section for step in EXPORT_STEPS]
    states: States = {
        "Start": _start(EXPORT_STEPS),
        **_sections(target, "export", EXPORT_STEPS, then="Pack", catch=catch),
        "Pack": _task(target, "accounts-pack-export", JOB | {"sections": sections}, Catch=catch, End=True),
        "NoteFailure": _task(target, "accounts-fail-export", JOB, Next="Failed"),
        "Failed": {"Type": "Fail", "Error": "ExportFailed"},
    }
    return {"StartAt": "Start", "TimeoutSeconds": LONGEST_EXPORT_SECONDS, "States": states}


def erasure(target: Target) -> dict[str, Any]:
    """{jobId, userId, deletesAt}: wait, make sure, erase every section, report.

    No error is caught: an execution that has failed can be redriven from the very step that failed.
    """
    states: States = {
        "Wait": {"Type": "Wait", "TimestampPath": "$.deletesAt", "Next": "Begin"},
        "Begin": _task(target, "accounts-begin-erasure", JOB, ResultPath="$.begin", Next="Verdict"),
        "Verdict": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.begin.verdict", "StringEquals": "go", "Next": "Start"}],
            "Default": "Cancelled",
        },
        "Cancelled": {"Type": "Succeed"},
        "Start": _start(ERASURE_STEPS),
        **_sections(target, "erase", ERASURE_STEPS, then="Report"),
        "Report": _task(target, "accounts-report-erasure", JOB | {"pages.$": "$.pages"}, End=True),
    }
    return {"StartAt": "Wait", "States": states}


def functions(states: dict[str, Any]) -> list[str]:
    """The ARNs of the functions that a definition calls."""
    return sorted({state["Resource"] for state in states["States"].values() if state["Type"] == "Task"})


def _start(steps: Sequence[Step]) -> dict[str, Any]:
    """Where each section begins."""
    pages = {step.section: {"position": None, "page": 0, "done": 0} for step in steps}
    return {"Type": "Pass", "Result": pages, "ResultPath": "$.pages", "Next": _name(steps[0])}


def _sections(
    target: Target,
    action: Literal["export", "erase"],
    steps: Sequence[Step],
    *,
    then: str,
    catch: Sequence[dict[str, Any]] = (),
) -> States:
    """Section after section, each task repeated until its position is null."""
    states: States = {}
    following = [*(_name(step) for step in steps[1:]), then]
    for step, after in zip(steps, following, strict=True):
        page = f"$.pages.{step.section}"
        known = {f"{name}.$": f"{page}.{name}" for name in ("position", "page", "done")}
        more = f"More {step.section}?"
        caught = {"Catch": catch} if catch else {}
        function = f"{step.capability}-personal"
        states[_name(step)] = _task(
            target,
            function,
            JOB | {"action": action, "section": step.section} | known,
            ResultPath=page,
            Next=more,
            **caught,
        )
        states[more] = {
            "Type": "Choice",
            "Choices": [{"Variable": f"{page}.position", "IsNull": True, "Next": after}],
            "Default": _name(step),
        }
    return states


def _name(step: Step) -> str:
    return f"{step.capability}: {step.section}"


def _task(target: Target, function: str, parameters: dict[str, Any], **more: Any) -> dict[str, Any]:
    arn = target.arn("lambda", f"function:{target.named(function)}")
    return {"Type": "Task", "Resource": arn, "Parameters": parameters, "Retry": RETRY, **more}
