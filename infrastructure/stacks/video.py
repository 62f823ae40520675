"""Videos: an upload below `videos/` is announced on the default bus, and a state machine works on it."""

from aws_cdk import Stack
from aws_cdk import aws_events as events
from constructs import Construct

from infrastructure import access, video_workflow
from infrastructure.catalogue import VIDEO_STARTER, VIDEO_STEPS
from infrastructure.code import StackCode
from infrastructure.constructs.python_function import PythonFunction
from infrastructure.constructs.queue_consumer import QueueConsumer
from infrastructure.constructs.state_machine import StateMachine
from infrastructure.specs import Use
from infrastructure.stacks.live import LiveStack
from infrastructure.target import Target
from infrastructure.video_workflow import CHUNKED_ABOVE_SECONDS, VIDEO

PREFIX = "videos/"


class VideoStack(Stack):
    """The queue between bus and machine lets a start fail and be tried again, under the media id as its name: a rule
    that starts executions itself can give them no name, and a duplicate event would start a second one.
    """

    def __init__(self, scope: Construct, construct_id: str, *, target: Target, live: LiveStack) -> None:
        super().__init__(scope, construct_id, env=target.environment)
        code = StackCode(self, target)
        offers = {
            Use.UPLOADS: access.uploads(target),
            Use.RENDITIONS: access.renditions(target),
            Use.ERASE_MEDIA: access.erase_media(target),
            Use.VIDEO_MACHINE: access.video_machine(target),
            Use.SCANNING: access.scanning(target),
            Use.MODERATION: access.moderation(target),
            Use.LIVE: access.live(target, live.appconfig, access.MODERATION),
        }
        settings = {"VIDEO_CHUNKED_ABOVE": str(CHUNKED_ABOVE_SECONDS)}
        for spec in VIDEO_STEPS:
            PythonFunction(
                self, spec.full_name, target=target, spec=spec, code=code, offers=offers, environment=settings
            )
        StateMachine(
            self,
            "Machine",
            target=target,
            name=VIDEO,
            definition=video_workflow.definition(target),
            functions=video_workflow.functions(target),
            runbook="video.md",
        )
        starter = QueueConsumer(self, "Start", target=target, consumer=VIDEO_STARTER, code=code, offers=offers)
        rule = events.CfnRule(
            self,
            "Uploaded",
            event_pattern={
                "source": ["aws.s3"],
                "detail-type": ["Object Created"],
                "detail": {"bucket": {"name": [target.bucket("uploads")]}, "object": {"key": [{"prefix": PREFIX}]}},
            },
            targets=[events.CfnRule.TargetProperty(id="Queue", arn=starter.queue.queue_arn)],
        )
        starter.receive_from("events", rule.attr_arn)
