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
        "emoji are not words",
        "osmem's standard tokenizer drops them; OpenSearch's keeps each emoji as a word (UAX 29 with UTS 51). "
        "Hashtags are compared whole, so they are not concerned, and cannot contain emoji anyhow.",
        {
            ("users", "🌅"): (["sunny"], []),
            ("posts", "🌅"): ([11, 10], []),
            ("posts", "🌅 morning"): ([10], [10, 5]),
            ("posts", "👨\u200d👩\u200d👧"): ([17], []),
        },
    ),
    Limit(
        "Thai is not text",
        "osmem's standard tokenizer drops the scripts that write words without spaces and are not Chinese or Japanese; "
        "OpenSearch's takes what stands between spaces as one word.",
        {("posts", "ไปเที่ยวทะเล"): ([19], [])},
    ),
]
