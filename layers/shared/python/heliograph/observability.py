"""Structured logs and metrics. Log ids and outcomes; never a token, an e-mail address or a message body.

Traces are Lambda's own (active tracing): each log line carries its trace id. No tracing SDK is loaded; importing one
costs nearly as much as the rest of a handler, see docs/decisions/0004-tracing.md.
"""

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

logger = Logger()
metrics = Metrics()


def count(outcome: str, value: int = 1) -> None:
    """Add to the metric `outcome` of this function's service, written with the invocation's log."""
    metrics.add_metric(name=outcome, unit=MetricUnit.Count, value=value)
