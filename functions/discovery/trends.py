"""What is trending, as explore uses it."""

from collections.abc import Mapping


def leading() -> Mapping[str, float]:
    """The trending hashtags, best first, each with its score as a share of the best."""
    return {}
