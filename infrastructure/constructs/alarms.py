"""Alarms. All go to one topic, whose name is known in advance."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infrastructure.target import Target

ALARM_TOPIC = "alarms"


def alarm(
    scope: Construct,
    construct_id: str,
    *,
    target: Target,
    metric: cloudwatch.IMetric,
    above: float,
    description: str,
    periods: int = 1,
) -> cloudwatch.CfnAlarm:
    """Ring when `metric` stays above a number for so many of its periods. Silence is not trouble."""
    config = metric.to_metric_config().metric_stat
    if config is None:
        raise ValueError("an alarm watches one metric, not an expression")
    percentile = config.statistic.startswith("p")
    return cloudwatch.CfnAlarm(
        scope,
        construct_id,
        alarm_description=description,
        namespace=config.namespace,
        metric_name=config.metric_name,
        dimensions=[
            cloudwatch.CfnAlarm.DimensionProperty(name=dimension.name, value=str(dimension.value))
            for dimension in config.dimensions or []
        ],
        period=int(config.period.to_seconds()),
        statistic=None if percentile else config.statistic,
        extended_statistic=config.statistic if percentile else None,
        threshold=above,
        evaluation_periods=periods,
        comparison_operator="GreaterThanThreshold",
        treat_missing_data="notBreaching",
        alarm_actions=[target.arn("sns", target.named(ALARM_TOPIC))],
    )


def alarm_when_not_empty(scope: Construct, construct_id: str, *, target: Target, queue_name: str) -> None:
    """A message in a dead-letter queue is work not done: somebody must look, and redrive."""
    alarm(
        scope,
        construct_id,
        target=target,
        metric=cloudwatch.Metric(
            namespace="AWS/SQS",
            metric_name="ApproximateNumberOfMessagesVisible",
            dimensions_map={"QueueName": queue_name},
            statistic="Maximum",
            period=Duration.minutes(1),
        ),
        above=0,
        description=f"{queue_name} holds messages that failed every try",
    )
