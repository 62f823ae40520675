"""A plug-in of pytest: a property that does not hold says so at once, without looking for the simplest example."""

from hypothesis import Phase, settings

settings.register_profile("unshrunk", phases=set(Phase) - {Phase.shrink, Phase.explain})
settings.load_profile("unshrunk")
