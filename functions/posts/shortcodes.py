"""Short codes of posts: the id itself, in fewer letters. Pure.

The 16 bytes of a post's id as base64url without padding: 22 letters instead of 36. So a link needs no table, exists as
soon as its post does, and ends with it; and the 74 random bits of a UUIDv7 make it no easier to guess than the id.
"""

import base64
import binascii
import uuid

LENGTH = 22


def of(post_id: str) -> str:
    """The short code of a post."""
    return base64.urlsafe_b64encode(uuid.UUID(post_id).bytes).decode().rstrip("=")


def post_id(code: str) -> str | None:
    """The id that a short code stands for; None for what is none. Whether there is such a post, the store knows."""
    if len(code) != LENGTH:
        return None
    try:
        known = str(uuid.UUID(bytes=base64.b64decode(code + "==", altchars=b"-_", validate=True)))
    except (binascii.Error, ValueError):
        return None
    # The last letter has bits to spare: one post has one code only.
    return known if of(known) == code else None
