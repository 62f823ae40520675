"""What a place is called, and where it is: as its newest post says."""

from itertools import islice

from functions.discovery import labels, store, tagging
from functions.posts import service as posts
from heliograph.events import Place

# How far one looks for posts of public accounts, and of these for one that is still there and says so.
NEWEST, ASKED = 50, 5


def named(label: str) -> Place | None:
    """The words and the point of the newest post of a public account; None if there is none."""
    public = (row.post_id for row in store.rows(label, None, NEWEST) if not row.is_private)
    asked = list(islice(public, ASKED))
    known = posts.known(asked)
    said = (tagging.place_of(known[post_id]) for post_id in asked if post_id in known and known[post_id].is_open)
    return next((place for place in said if place and labels.place_label(place) == label), None)
