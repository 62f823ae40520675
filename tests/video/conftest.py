"""Real encoders and players: no cloud, but more work than a unit has. Fakes and settings are those of the units."""

from tests.unit.conftest import _alone, context, now
from tests.unit.media.conftest import known, landscape, model, portrait, s3, table

__all__ = ["_alone", "context", "known", "landscape", "model", "now", "portrait", "s3", "table"]
