"""Where osmem finds something else than OpenSearch does, and why. The tests hold both to what is said here."""

from dataclasses import dataclass

from functions.discovery.mappings import Kind


@dataclass(frozen=True)
class Limit:
    """What osmem lacks, and searches that show it: ids on OpenSearch, ids on osmem (posts by number)."""

    lacks: str
    reason: str
    shown_by: dict[tuple[Kind, str], tuple[list[int | str], list[int | str]]]


LIMITS = [
    Limit(
        "single floats",
        "OpenSearch's scores are single floats, osmem's double ones, which tell larger counts apart.",
        {("users", "Quorum"): (["quorum", "quorum2"], ["quorum2", "quorum"])},
    ),
]
