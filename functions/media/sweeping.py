"""What workers that died have left behind: files of the media bucket that no item names.

Ids are UUIDv7 and stand at the beginning of keys, so the files of one hour's uploads lie side by side, and a run
lists a few minutes of uploads, whatever the bucket holds. Items that nothing was made of are not looked for here: they
expire, and their table's stream says so.
"""

from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from functions.media import objects, store
from functions.media.model import Media
from heliograph import clock, startup
from heliograph.observability import count, logger, metrics

# No upload is worked on any more by then: it left the uploads bucket after a day.
AGE = timedelta(days=3)
# Twice the interval of the schedule, so that a run that failed is made good by the next.
WINDOW = timedelta(minutes=10)
BATCH = 100


@logger.inject_lambda_context
@metrics.log_metrics
def handler(_event: dict[str, Any], _context: Any) -> None:
    """Sweep the uploads of ten minutes, three days ago. Harmless when repeated."""
    until = clock.now() - AGE
    count("OrphansSwept", sweep(until - WINDOW, until))


def sweep(since: datetime, until: datetime) -> int:
    """Delete the files that no item names, of media whose ids were made in this time; says how many."""
    found = groupby(objects.keys_of_media(since, until), key=objects.media_id_in)
    files = {media_id: list(keys) for media_id, keys in found}
    media_ids, swept = sorted(files), 0
    for start in range(0, len(media_ids), BATCH):
        batch = media_ids[start : start + BATCH]
        items = store.find_all(batch, consistent=True)
        orphans = [key for media_id in batch if _is_gone(items.get(media_id)) for key in files[media_id]]
        objects.delete(orphans)
        swept += len(orphans)
    return swept


def _is_gone(media: Media | None) -> bool:
    """Whether nothing of it is to be kept. What a revision of its edits replaced, the bucket's lifecycle deletes."""
    return media is None or media.status == "rejected"


startup.done()
