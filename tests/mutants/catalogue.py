"""All mutants."""

from tests.mutants import (
    accounts,
    discovery,
    entrance,
    feed,
    graph,
    index,
    infrastructure,
    kernel,
    media,
    pictures,
    posts,
    stories,
)

ALL = (
    *entrance.MUTANTS,
    *kernel.MUTANTS,
    *accounts.MUTANTS,
    *graph.MUTANTS,
    *pictures.MUTANTS,
    *media.MUTANTS,
    *posts.MUTANTS,
    *stories.MUTANTS,
    *feed.MUTANTS,
    *discovery.MUTANTS,
    *index.MUTANTS,
    *infrastructure.MUTANTS,
)
