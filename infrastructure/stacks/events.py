"""Change propagation: table streams -> publishers -> bus -> a queue per consumer -> consumers. Also schedules."""

from aws_cdk import Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infrastructure import access
from infrastructure.access import Offers
from infrastructure.catalogue import CONSUMERS, PUBLISHERS, SCHEDULES
from infrastructure.code import StackCode
from infrastructure.constructs.alarms import alarm_when_not_empty
from infrastructure.constructs.python_function import PythonFunction
from infrastructure.constructs.queue_consumer import REPORT_FAILURES, QueueConsumer, queue
from infrastructure.nag import acknowledge
from infrastructure.permissions import STREAM_ACTIONS, allow
from infrastructure.specs import Publisher, Schedule, Use
from infrastructure.stacks.data import DataStack
from infrastructure.stacks.identity import IdentityStack
from infrastructure.stacks.live import LiveStack
from infrastructure.target import Target

STREAM_BATCH = 100
STREAM_DEAD_LETTERS = "publishers-dlq"


class EventsStack(Stack):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        target: Target,
        data: DataStack,
        identity: IdentityStack,
        live: LiveStack,
    ) -> None:
        super().__init__(scope, construct_id, env=target.environment)
        self._target = target
        self._code = StackCode(self, target)
        bus = events.CfnEventBus(self, "Bus", name=target.namespace)
        offers = {
            Use.BUS: access.bus(target),
            Use.UPLOADS: access.uploads(target),
            Use.RERENDER: access.rerender(target),
            Use.ERASE_MEDIA: access.erase_media(target),
            Use.FANOUT: access.fanout(target),
            Use.SEALING: access.sealing(target, identity.field_key.key_arn),
            Use.MAIL: access.mail(target),
            Use.REQUESTS: access.requests(target),
            Use.LIVE: access.live(target, live.appconfig),
            Use.FEED: access.live(target, live.appconfig, access.FEED),
            Use.LOAD: access.load(target, live.appconfig),
            Use.WORKFLOWS: access.workflows(target),
        }
        dead_letters = queue(self, "PublishersDeadLetters", target=target, name=target.named(STREAM_DEAD_LETTERS))
        acknowledge(
            dead_letters,
            "AwsSolutions-SQS3",
            "It is the dead-letter queue of the stream mappings, which no property of the queue shows.",
        )
        if target.for_production:
            alarm_when_not_empty(self, "PublishersAlarm", target=target, queue_name=target.named(STREAM_DEAD_LETTERS))
        for publisher in PUBLISHERS:
            self._publisher(publisher, data.stream_arn(publisher.table), offers, dead_letters)
        for consumer in CONSUMERS:
            built = QueueConsumer(
                self, consumer.function.full_name, target=target, consumer=consumer, code=self._code, offers=offers
            )
            built.node.add_dependency(bus)
        for schedule in SCHEDULES:
            self._schedule(schedule, offers)

    def _publisher(self, publisher: Publisher, stream_arn: str, offers: Offers, dead_letters: sqs.Queue) -> None:
        built = PythonFunction(
            self,
            publisher.function.full_name,
            target=self._target,
            spec=publisher.function,
            code=self._code,
            offers=offers,
            also=[
                allow(STREAM_ACTIONS, stream_arn),
                allow(["sqs:SendMessage"], dead_letters.queue_arn),
            ],
        )
        lambda_.CfnEventSourceMapping(
            built,
            "Mapping",
            function_name=built.function.function_arn,
            event_source_arn=stream_arn,
            # Nothing written before the mapping was ready is lost.
            starting_position="TRIM_HORIZON",
            batch_size=STREAM_BATCH,
            # A record that fails too often is set aside; with bisection it goes alone.
            bisect_batch_on_function_error=True,
            maximum_retry_attempts=self._target.stream_retries,
            function_response_types=[REPORT_FAILURES],
            destination_config={"onFailure": {"destination": dead_letters.queue_arn}},
        )

    def _schedule(self, schedule: Schedule, offers: Offers) -> None:
        spec = schedule.function
        built = PythonFunction(self, spec.full_name, target=self._target, spec=spec, code=self._code, offers=offers)
        rule = events.CfnRule(
            built,
            "Rule",
            schedule_expression=f"rate({schedule.every})",
            targets=[events.CfnRule.TargetProperty(id="Function", arn=built.function.function_arn)],
        )
        lambda_.CfnPermission(
            built,
            "Invoke",
            action="lambda:InvokeFunction",
            function_name=built.function.function_arn,
            principal="events.amazonaws.com",
            source_arn=rule.attr_arn,
        )
