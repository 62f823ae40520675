"""Who may see what, in the words of the product. Shares nothing with the code that is held against it."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["post", "story", "comment", "remark", "reply", "profile", "people", "media"]
State = Literal["shown", "archived", "deleted", "processing", "expired"]


@dataclass(frozen=True)
class Role:
    """What a viewer is to the owner of something. `marked`: by the owner, as a close friend."""

    follows: bool = False
    marked: bool = False
    blocked: bool = False
    blocks: bool = False
    owns: bool = False


# There are no moderators yet.
ROLES = {
    "stranger": Role(),
    "former-follower": Role(),  # removed after everything was published
    "requested": Role(),  # asked a private account and was not answered
    "admired": Role(),  # the wrong way round: the owner follows them, and they have marked the owner
    "follower": Role(follows=True),
    "close-friend": Role(follows=True, marked=True),
    "marked": Role(marked=True),  # a close friend who does not follow
    "blocked": Role(blocked=True),  # was a close friend before
    "blocker": Role(blocks=True),  # was a close friend before
    "owner": Role(owns=True),
}


@dataclass(frozen=True)
class Content:
    """Something of somebody's.

    comment: by somebody whom all may see, under a post of the owner, whose `state` it has.
    remark, reply: the words of the owner under a public post of somebody else. people: followers and followees.
    """

    kind: Kind
    private: bool
    close_friends: bool = False
    state: State = "shown"


def _things() -> dict[str, Content]:
    things: dict[str, Content] = {}
    for owner, private in (("public", False), ("private", True)):
        for kind in ("profile", "people", "media", "remark", "reply"):
            things[f"{owner}-{kind}"] = Content(kind, private)
        for kind in ("post", "story", "comment"):
            things[f"{owner}-{kind}"] = Content(kind, private)
            things[f"{owner}-close-friends-{kind}"] = Content(kind, private, close_friends=True)
        for state in ("archived", "deleted", "processing"):
            things[f"{owner}-{state}-post"] = Content("post", private, state=state)
        for state in ("archived", "deleted"):
            things[f"{owner}-{state}-comment"] = Content("comment", private, state=state)
        for state in ("expired", "deleted", "processing"):
            things[f"{owner}-{state}-story"] = Content("story", private, state=state)
    return things


# By name; the first word is the account that owns it.
THINGS = _things()


def may_see(role: Role, content: Content) -> bool:
    """Whether somebody in this role may know that this is there."""
    if content.state in ("deleted", "expired"):
        return False
    if role.owns:
        return True
    if role.blocked or role.blocks or content.kind == "media" or content.state != "shown":
        return False
    if content.kind in ("profile", "remark", "reply"):
        return True
    return (role.follows or not content.private) and (role.marked or not content.close_friends)


def may_look_up(role: Role, content: Content) -> bool:
    """As `may_see`; but who blocks somebody finds the profile when asking for it, to undo the block."""
    return may_see(role, content) or (content.kind == "profile" and role.blocks)
