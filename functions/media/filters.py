"""The named filters, as data. What the numbers do is in `grading.look`; what it looks like is in docs/filters.jpg.

Colours are sRGB as stored, 0 to 1. A filter says only what differs from leaving the picture alone. A name once
published stays: the edits of photos refer to it.
"""

from dataclasses import dataclass

Triple = tuple[float, float, float]
Matrix = tuple[Triple, Triple, Triple]
# Of a tone curve: its height at black, the pulls of the darker and the lighter half, its height at white.
Heights = tuple[float, float, float, float]

AS_IS: Matrix = ((1, 0, 0), (0, 1, 0), (0, 0, 1))
STRAIGHT: Heights = (0, 1 / 3, 2 / 3, 1)
NOTHING: Triple = (0, 0, 0)


def _grey(red: float, green: float, blue: float) -> Matrix:
    """Black and white, as film behind a coloured glass sees it: how much of each channel makes the grey."""
    weights = (red, green, blue)
    return weights, weights, weights


@dataclass(frozen=True)
class Filter:
    """`mix`: output channels by input channels. `saturation`: 1 leaves it, 0 is grey. `tone`: a curve for all channels,
    then `red`, `green` and `blue` for one each. `shadows`, `highlights`: what is added to black and to white.
    """

    name: str
    title: str
    mix: Matrix = AS_IS
    saturation: float = 1
    tone: Heights = STRAIGHT
    red: Heights = STRAIGHT
    green: Heights = STRAIGHT
    blue: Heights = STRAIGHT
    shadows: Triple = NOTHING
    highlights: Triple = NOTHING


ALL = (
    # Warm
    Filter("daybreak", "Daybreak", saturation=1.05, tone=(0.02, 0.38, 0.73, 1), green=(0.01, 0.33, 0.65, 0.97),
           blue=(0.05, 0.31, 0.60, 0.91)),
    Filter("ember", "Ember", saturation=1.15, tone=(0, 0.27, 0.70, 1), red=(0.02, 0.38, 0.73, 1),
           green=(0, 0.31, 0.64, 0.95), blue=(0.02, 0.26, 0.54, 0.84)),
    Filter("apricot", "Apricot", saturation=0.9, tone=(0.08, 0.38, 0.72, 0.97), shadows=(0.06, 0.01, 0.0),
           highlights=(0.04, -0.01, -0.09)),
    Filter("copper", "Copper", saturation=0.75, tone=(0, 0.25, 0.72, 1), shadows=(0.05, 0.0, -0.02),
           highlights=(0.06, -0.03, -0.16)),
    Filter("dune", "Dune", saturation=0.55, tone=(0.05, 0.37, 0.70, 0.97), shadows=(0.03, 0.02, -0.02),
           highlights=(0.02, 0.0, -0.08)),
    Filter("rosewood", "Rosewood", saturation=0.9, tone=(0.02, 0.27, 0.68, 0.98), shadows=(0.14, -0.01, 0.03),
           highlights=(0.02, -0.06, -0.05)),
    # Cool
    Filter("fjord", "Fjord", saturation=0.7, tone=(0.02, 0.30, 0.70, 1), red=(0, 0.27, 0.60, 0.94),
           green=(0, 0.32, 0.66, 0.98), blue=(0.06, 0.40, 0.72, 1)),
    Filter("polar", "Polar", saturation=0.75, tone=(0.06, 0.45, 0.84, 1), red=(0, 0.31, 0.63, 0.96),
           green=(0, 0.33, 0.66, 0.98), shadows=(0, 0.01, 0.05)),
    Filter("tidepool", "Tidepool", saturation=1.1, tone=(0.02, 0.33, 0.70, 1), red=(0, 0.22, 0.62, 0.97),
           green=(0.01, 0.36, 0.69, 1), blue=(0.04, 0.40, 0.68, 0.97)),
    Filter("lavender", "Lavender", saturation=0.8, tone=(0.08, 0.39, 0.72, 0.98), green=(0, 0.30, 0.63, 0.97),
           shadows=(0.03, 0, 0.10), highlights=(0.01, -0.02, 0.02)),
    # Two tones
    Filter("harbour", "Harbour", saturation=0.95, tone=(0, 0.27, 0.74, 1), shadows=(-0.06, 0.03, 0.08),
           highlights=(0.07, 0.0, -0.11)),
    Filter("dusk", "Dusk", saturation=1.0, tone=(0.02, 0.30, 0.66, 0.98), shadows=(0.05, -0.03, 0.15),
           highlights=(0.08, -0.02, -0.14)),
    Filter("matinee", "Matinee", saturation=0.8, tone=(0.09, 0.33, 0.66, 0.95), shadows=(0.0, 0.05, 0.03),
           highlights=(0.05, 0.02, -0.15)),
    Filter("crossing", "Crossing", saturation=1.1, red=(0, 0.20, 0.82, 1), green=(0, 0.28, 0.78, 1),
           blue=(0.16, 0.42, 0.56, 0.86)),
    Filter("neon", "Neon", mix=((1.18, -0.26, 0.08), (-0.06, 1.0, 0.06), (0.10, -0.10, 1.0)), saturation=1.25,
           tone=(0, 0.26, 0.76, 1), shadows=(0.05, -0.02, 0.12)),
    # Green
    Filter("meadow", "Meadow", saturation=1.15, tone=(0.01, 0.37, 0.73, 1), red=(0, 0.32, 0.65, 1),
           green=(0, 0.36, 0.69, 0.99), blue=(0, 0.28, 0.58, 0.95)),
    Filter("moss", "Moss", saturation=0.65, tone=(0.04, 0.26, 0.60, 0.95), shadows=(0.0, 0.05, 0.01),
           highlights=(0.0, 0.0, -0.09)),
    # Light and dark
    Filter("noon", "Noon", saturation=1.25, tone=(0, 0.32, 0.84, 1)),
    Filter("linen", "Linen", saturation=0.8, tone=(0.13, 0.46, 0.76, 0.98), highlights=(0.01, 0.0, -0.03)),
    Filter("velvet", "Velvet", saturation=1.2, tone=(0, 0.16, 0.62, 1), shadows=(0.01, 0.0, 0.03)),
    Filter("chalk", "Chalk", saturation=0.4, tone=(0, 0.20, 0.84, 1)),
    # Black and white
    Filter("graphite", "Graphite", mix=_grey(0.30, 0.59, 0.11), tone=(0, 0.28, 0.76, 1)),
    Filter("silver", "Silver", mix=_grey(0.15, 0.70, 0.15), tone=(0.10, 0.44, 0.76, 0.96)),
    Filter("ink", "Ink", mix=_grey(0.85, 0.25, -0.10), tone=(0, 0.08, 0.80, 1)),
    Filter("tintype", "Tintype", mix=_grey(0.25, 0.55, 0.20), tone=(0.04, 0.30, 0.68, 0.96),
           shadows=(0.07, 0.02, -0.02), highlights=(0.03, -0.03, -0.16)),
    Filter("blueprint", "Blueprint", mix=_grey(0.40, 0.50, 0.10), tone=(0, 0.28, 0.72, 1), shadows=(-0.02, 0.06, 0.26),
           highlights=(-0.08, -0.01, 0.0)),
)  # fmt: skip

FILTERS = {filter_.name: filter_ for filter_ in ALL}
