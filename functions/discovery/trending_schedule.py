"""Every minute: what trends, of all shards. They share nothing: one that fails leaves the others as good as new."""

from typing import Any

from functions.discovery import activity, trending
from heliograph import batches, clock, startup
from heliograph.observability import count, logger, metrics


@logger.inject_lambda_context
@metrics.log_metrics
def compute(_event: dict[str, Any], _context: Any) -> None:
    """Harmless when repeated or late: it goes by what is in the tables."""
    now = clock.now()
    count("UsesOfLabels", sum(batches.at_once(lambda shard: trending.compute(shard, now), range(activity.SHARDS))))


startup.done()
