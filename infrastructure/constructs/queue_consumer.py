"""A queue, its dead-letter queue, and the function that drains it."""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infrastructure import access, principals
from infrastructure.access import Offers
from infrastructure.code import StackCode
from infrastructure.constructs.alarms import alarm_when_not_empty
from infrastructure.constructs.python_function import PythonFunction
from infrastructure.permissions import QUEUE_ACTIONS, allow
from infrastructure.specs import Consumer, Subscription, Use
from infrastructure.target import Target

SOURCE = "heliograph"
RETENTION = Duration.days(14)
REPORT_FAILURES = "ReportBatchItemFailures"


class QueueConsumer(Construct):
    """Failures are reported message by message, so a poison message goes to the dead-letter queue alone."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        target: Target,
        consumer: Consumer,
        code: StackCode,
        offers: Offers,
    ) -> None:
        super().__init__(scope, construct_id)
        name = target.named(consumer.queue_name)
        self.dead_letters = queue(self, "DeadLetters", target=target, name=f"{name}-dlq")
        self.queue = queue(
            self,
            "Queue",
            target=target,
            name=name,
            visibility=Duration.seconds(target.visibility_seconds(consumer.function.timeout_seconds)),
            dead_letters=sqs.DeadLetterQueue(queue=self.dead_letters, max_receive_count=target.receive_count),
        )
        self.python = PythonFunction(
            self,
            "Consumer",
            target=target,
            spec=consumer.function,
            code=code,
            offers={**offers, Use.OWN_QUEUE: access.own_queue(target, consumer.queue_name)},
            also=[allow(QUEUE_ACTIONS, target.arn("sqs", name))],
        )
        concurrency = target.concurrency(consumer.concurrency)
        lambda_.CfnEventSourceMapping(
            self,
            "Mapping",
            function_name=self.python.function.function_arn,
            event_source_arn=self.queue.queue_arn,
            batch_size=consumer.batch_size,
            function_response_types=[REPORT_FAILURES],
            scaling_config=lambda_.CfnEventSourceMapping.ScalingConfigProperty(maximum_concurrency=concurrency)
            if concurrency
            else None,
        )
        for number, subscription in enumerate(consumer.subscriptions):
            self._subscribe(f"Rule{number}", target, subscription)
        if target.for_production:
            alarm_when_not_empty(self, "DeadLettersAlarm", target=target, queue_name=f"{name}-dlq")

    def receive_from(self, service: str, source_arn: str) -> None:
        """Let an AWS service put messages here, on behalf of one resource only."""
        self.queue.add_to_resource_policy(
            iam.PolicyStatement(
                actions=["sqs:SendMessage"],
                principals=[principals.service(service)],
                resources=[self.queue.queue_arn],
                conditions={"ArnEquals": {"aws:SourceArn": source_arn}},
            )
        )

    def _subscribe(self, construct_id: str, target: Target, subscription: Subscription) -> None:
        pattern: dict[str, object] = {"source": [SOURCE], "detail-type": list(subscription.events)}
        if subscription.kind:
            pattern["detail"] = {"data": {"kind": [subscription.kind]}}
        rule = events.CfnRule(
            self,
            construct_id,
            event_bus_name=target.namespace,
            event_pattern=pattern,
            targets=[events.CfnRule.TargetProperty(id="Queue", arn=self.queue.queue_arn)],
        )
        self.receive_from("events", rule.attr_arn)


def queue(
    scope: Construct,
    construct_id: str,
    *,
    target: Target,
    name: str,
    visibility: Duration | None = None,
    dead_letters: sqs.DeadLetterQueue | None = None,
) -> sqs.Queue:
    """An encrypted queue that keeps messages for two weeks."""
    return sqs.Queue(
        scope,
        construct_id,
        queue_name=name,
        encryption=sqs.QueueEncryption.SQS_MANAGED,
        enforce_ssl=target.for_production,
        retention_period=RETENTION,
        visibility_timeout=visibility,
        dead_letter_queue=dead_letters,
        removal_policy=target.removal_policy,
    )
