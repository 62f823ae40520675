"""One dashboard, and the alarms that matter beside those of the dead-letter queues."""

from collections.abc import Sequence

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from constructs import Construct

from infrastructure import principals
from infrastructure.catalogue import ALL_CONSUMERS, ALL_FUNCTIONS, API_FUNCTIONS, PUBLISHERS
from infrastructure.constructs.alarms import ALARM_TOPIC, alarm
from infrastructure.specs import FunctionSpec
from infrastructure.target import Target

PERIOD = Duration.minutes(5)
SERVER_ERRORS = 10  # in five minutes
SLOW_ANSWER_MS = 1_000
STREAM_LAG_MS = 60_000
QUEUE_AGE_SECONDS = 300


class ObservabilityStack(Stack):
    def __init__(self, scope: Construct, construct_id: str, *, target: Target) -> None:
        super().__init__(scope, construct_id, env=target.environment)
        self._target = target
        self._topic()
        self._alarms()
        self._dashboard()

    def _topic(self) -> None:
        topic = sns.Topic(self, "Alarms", topic_name=self._target.named(ALARM_TOPIC), enforce_ssl=True)
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[principals.service("cloudwatch")],
                actions=["sns:Publish"],
                resources=[topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": self.account}},
            )
        )

    def _alarms(self) -> None:
        self._alarm("ServerErrors", self._api("5XXError", "Sum"), SERVER_ERRORS, "The API answers with server errors")
        self._alarm("SlowAnswers", self._api("Latency", "p99"), SLOW_ANSWER_MS, "The API is slow", periods=3)
        for publisher in PUBLISHERS:
            self._alarm(
                f"Lag-{publisher.table}",
                self._lambda(publisher.function, "IteratorAge", "Maximum"),
                STREAM_LAG_MS,
                f"Changes of {publisher.table} reach the bus late",
            )
        for consumer in ALL_CONSUMERS:
            self._alarm(
                f"Age-{consumer.queue_name}",
                self._queue(consumer.queue_name, "ApproximateAgeOfOldestMessage", "Maximum"),
                QUEUE_AGE_SECONDS,
                f"{consumer.queue_name} is not drained",
                periods=2,
            )

    def _alarm(
        self, construct_id: str, metric: cloudwatch.Metric, above: float, description: str, periods: int = 1
    ) -> None:
        alarm(
            self,
            construct_id,
            target=self._target,
            metric=metric,
            above=above,
            description=description,
            periods=periods,
        )

    def _dashboard(self) -> None:
        apis = list(API_FUNCTIONS)
        publishers = [publisher.function for publisher in PUBLISHERS]
        queues = [consumer.queue_name for consumer in ALL_CONSUMERS]
        rows = (
            (
                _graph("Requests", [self._api("Count", "Sum")]),
                _graph("Answers, ms", [self._api("Latency", statistic) for statistic in ("p50", "p95", "p99")]),
                _graph("Errors", [self._api("4XXError", "Sum"), self._api("5XXError", "Sum")]),
            ),
            (
                _graph("API functions, p95 ms", [self._lambda(spec, "Duration", "p95") for spec in apis]),
                _graph("Function errors", [self._lambda(spec, "Errors", "Sum") for spec in ALL_FUNCTIONS]),
                _graph("Stream lag, ms", [self._lambda(spec, "IteratorAge", "Maximum") for spec in publishers]),
            ),
            (
                _graph(
                    "Waiting, s", [self._queue(name, "ApproximateAgeOfOldestMessage", "Maximum") for name in queues]
                ),
                _graph(
                    "Dead letters",
                    [self._queue(f"{name}-dlq", "ApproximateNumberOfMessagesVisible", "Maximum") for name in queues],
                ),
            ),
        )
        cloudwatch.Dashboard(
            self, "Dashboard", dashboard_name=self._target.namespace, widgets=[list(row) for row in rows]
        )

    def _api(self, name: str, statistic: str) -> cloudwatch.Metric:
        return _metric("AWS/ApiGateway", name, statistic, statistic, ApiName=self._target.namespace)

    def _lambda(self, spec: FunctionSpec, name: str, statistic: str) -> cloudwatch.Metric:
        return _metric("AWS/Lambda", name, statistic, spec.full_name, FunctionName=self._target.named(spec.full_name))

    def _queue(self, queue: str, name: str, statistic: str) -> cloudwatch.Metric:
        return _metric("AWS/SQS", name, statistic, queue, QueueName=self._target.named(queue))


def _metric(namespace: str, name: str, statistic: str, label: str, **dimensions: str) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace=namespace,
        metric_name=name,
        statistic=statistic,
        label=label,
        period=PERIOD,
        dimensions_map=dimensions,
    )


def _graph(title: str, metrics: Sequence[cloudwatch.Metric]) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=list(metrics), width=8)
