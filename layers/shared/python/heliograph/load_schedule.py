"""Every minute: what CloudWatch says of queues and requests -> the load factor."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from heliograph import aws, clock, config, live, startup
from heliograph.load import Load, Signals, adapted
from heliograph.observability import count, logger, metrics

PERIOD_SECONDS = 60
# Metrics come late; older ones are history.
WINDOW = timedelta(minutes=3)


class SignalSettings(config.Settings):
    """Physical names of the watched queues, comma-separated, and of the API."""

    watched_queues: str
    api_name: str


@logger.inject_lambda_context
@metrics.log_metrics
def adapt(_event: dict[str, Any], _context: Any) -> None:
    """Put the next factor in force, if it is another. Harmless when repeated or late: it goes by what is measured."""
    load = live.fetch(Load)
    following = adapted(load, _signals())
    changed = following != load
    count("LoadFactorChanged", int(changed))
    if changed:
        live.put(following)
        logger.info("load factor changed", extra={"before": load.factor, "after": following.factor})


def _signals() -> Signals:
    settings = config.read(SignalSettings)
    now = clock.now()
    queries = [
        *(
            _query(f"age{number}", "AWS/SQS", "ApproximateAgeOfOldestMessage", "Maximum", QueueName=name)
            for number, name in enumerate(settings.watched_queues.split(","))
        ),
        _query("requests", "AWS/ApiGateway", "Count", "Sum", ApiName=settings.api_name),
        _query("failures", "AWS/ApiGateway", "5XXError", "Sum", ApiName=settings.api_name),
    ]
    answer = aws.client("cloudwatch").get_metric_data(
        MetricDataQueries=queries, StartTime=now - WINDOW, EndTime=now, ScanBy="TimestampDescending"
    )
    values = {result["Id"]: result["Values"] for result in answer["MetricDataResults"]}
    return Signals(
        # The newest of each: a queue that has been drained since is well.
        oldest_seconds=max(
            (newest[0] for name, newest in values.items() if name.startswith("age") and newest), default=0.0
        ),
        requests=_total(values.get("requests", ())),
        failures=_total(values.get("failures", ())),
    )


def _query(query_id: str, namespace: str, name: str, statistic: str, **dimensions: str) -> dict[str, Any]:
    metric = {
        "Namespace": namespace,
        "MetricName": name,
        "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
    }
    return {"Id": query_id, "MetricStat": {"Metric": metric, "Period": PERIOD_SECONDS, "Stat": statistic}}


def _total(values: Iterable[float]) -> float:
    return float(sum(values))


startup.done()
