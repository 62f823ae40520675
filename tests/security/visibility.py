"""What each route shows, and to whom: one line per route of docs/openapi.json. A route without a line fails the tests.

    Public()            open to anybody
    SignedIn()          for whoever is signed in; shows and changes only what is the caller's own, or nobody's
    Shows(kinds)        shows or acts on the one thing that the path names
    Lists(kinds, ...)   a list in which things of others can stand

Who may see a thing is the oracle's word. Whoever may not gets the very answer that a thing would get that never was.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from local.client import Json
from tests.security.oracle import Content, Kind, Role

# Stand for what a thing brings along, in parameters and bodies as in paths.
Names = Mapping[str, str]
CHANGED = "changed by somebody else"


@dataclass(frozen=True)
class Public:
    """Needs no token."""


@dataclass(frozen=True)
class SignedIn:
    """Needs a token, and nothing else. `undo`: shows whom the caller blocks, so that the block can be undone."""

    undo: bool = False


@dataclass(frozen=True)
class Shows:
    """Names one thing.

    `by`: who may do it to what they see; "owner" refuses the others with 403. `once`: would change what is under test,
    and is only tried where it must be refused. `body`: what to send. `undo`: also open to who blocks the thing's owner.
    """

    kinds: tuple[Kind, ...]
    by: Literal["anybody", "owner"] = "anybody"
    once: bool = False
    body: Callable[[Names], Json] | None = None
    undo: bool = False


@dataclass(frozen=True)
class Lists:
    """A list. `where`: at the thing's owner, or at a witness who has to do with everybody. `query`: templates.

    `expected`: the things that must stand in it, of those that the viewer may see.
    """

    kinds: tuple[Kind, ...]
    expected: Callable[[Role, Content], bool]
    where: Literal["owner", "witness"] = "owner"
    query: Mapping[str, str] = field(default_factory=dict[str, str])


Aspect = Public | SignedIn | Shows | Lists


def _shown(_role: Role, content: Content) -> bool:
    return content.state == "shown"


def _followed(role: Role, content: Content) -> bool:
    return role.follows and _shown(role, content)


def _put_away(_role: Role, content: Content) -> bool:
    return content.state == "archived"


def _for_anybody(role: Role, content: Content) -> bool:
    return _tagged(role, content) and not content.private


def _tagged(role: Role, content: Content) -> bool:
    return _shown(role, content) and not content.close_friends


def _not_for_sure(_role: Role, _content: Content) -> bool:
    """Nothing need stand in it: explore, for one, leaves out what the viewer has met, as they may in another cell."""
    return False


def _text(_names: Names) -> Json:
    return {"content": CHANGED}


def _caption(_names: Names) -> Json:
    return {"caption": CHANGED}


POST: tuple[Kind, ...] = ("post",)
STORY: tuple[Kind, ...] = ("story",)
PROFILE: tuple[Kind, ...] = ("profile",)
MEDIA: tuple[Kind, ...] = ("media",)
WORDS: tuple[Kind, ...] = ("comment", "remark", "reply")

ROUTES: dict[str, tuple[Aspect, ...]] = {
    # Accounts
    "GET /v1/.well-known/jwks.json": (Public(),),
    "POST /v1/auth/confirm": (Public(),),
    "POST /v1/auth/forgot-password": (Public(),),
    "POST /v1/auth/refresh": (Public(),),
    "POST /v1/auth/reset-password": (Public(),),
    "POST /v1/auth/sign-in": (Public(),),
    "POST /v1/auth/sign-up": (Public(),),
    "POST /v1/auth/sign-out": (SignedIn(),),
    "GET /v1/users/me": (SignedIn(),),
    "PATCH /v1/users/me": (SignedIn(),),
    "DELETE /v1/users/me": (SignedIn(),),
    "POST /v1/users/me/export": (SignedIn(),),
    "GET /v1/users/me/export/{exportId}": (SignedIn(),),
    "GET /v1/users/me/devices": (SignedIn(),),
    "DELETE /v1/users/me/devices/{sessionId}": (SignedIn(),),
    # Graph
    "GET /v1/users/{userId}": (Shows(PROFILE, undo=True),),
    "GET /v1/users/by-username/{username}": (Shows(PROFILE, undo=True),),
    "GET /v1/users/{userId}/followers": (Shows(("people",)), Lists(PROFILE, _shown, where="witness")),
    "GET /v1/users/{userId}/following": (Shows(("people",)), Lists(PROFILE, _shown, where="witness")),
    "PUT /v1/users/{userId}/follow": (Shows(PROFILE, once=True, undo=True),),
    "DELETE /v1/users/{userId}/follow": (Shows(PROFILE, once=True),),
    "PUT /v1/users/{userId}/mute": (Shows(PROFILE, once=True, undo=True),),
    "DELETE /v1/users/{userId}/mute": (Shows(PROFILE, once=True, undo=True),),
    "PUT /v1/users/{userId}/close-friend": (Shows(PROFILE, once=True, undo=True),),
    "DELETE /v1/users/{userId}/close-friend": (Shows(PROFILE, once=True, undo=True),),
    "PUT /v1/users/{userId}/post-notifications": (Shows(PROFILE, once=True, undo=True),),
    "DELETE /v1/users/{userId}/post-notifications": (Shows(PROFILE, once=True, undo=True),),
    "PUT /v1/follow-requests/{userId}": (Shows(PROFILE, once=True),),
    "DELETE /v1/follow-requests/{userId}": (Shows(PROFILE, once=True),),
    "DELETE /v1/followers/{userId}": (Shows(PROFILE, once=True),),
    # One's own protection: anybody may block anybody, also who blocks them.
    "PUT /v1/users/{userId}/block": (SignedIn(),),
    "DELETE /v1/users/{userId}/block": (SignedIn(),),
    "GET /v1/follow-requests": (SignedIn(),),
    "GET /v1/users/me/blocks": (SignedIn(undo=True),),
    "GET /v1/users/me/mutes": (SignedIn(),),
    "GET /v1/users/me/close-friends": (SignedIn(),),
    # Media
    "POST /v1/media": (SignedIn(),),
    "GET /v1/media/{mediaId}": (Shows(MEDIA),),
    "PUT /v1/media/{mediaId}/edits": (Shows(MEDIA, once=True, body=lambda _names: {"rotate": 90}),),
    "GET /v1/filters": (Public(),),
    "GET /v1/filters/{name}/lut": (Public(),),
    # Their token is in the URL that was given to whoever may see the video.
    "GET /v1/media/{mediaId}/hls/{playlist}": (Public(),),
    # What is under test was not sent in parts.
    "GET /v1/media/{mediaId}/upload": (Shows(MEDIA, once=True),),
    "POST /v1/media/{mediaId}/upload/complete": (Shows(MEDIA, once=True),),
    # Posts
    "POST /v1/posts": (Shows(MEDIA, once=True, body=lambda names: {"media": [{"mediaId": names["mediaId"]}]}),),
    "GET /v1/posts/{postId}": (Shows(POST),),
    "PATCH /v1/posts/{postId}": (Shows(POST, by="owner", once=True, body=_caption),),
    "DELETE /v1/posts/{postId}": (Shows(POST, by="owner", once=True),),
    "PUT /v1/posts/{postId}/archive": (Shows(POST, by="owner", once=True),),
    "DELETE /v1/posts/{postId}/archive": (Shows(POST, by="owner", once=True),),
    "PUT /v1/posts/{postId}/like": (Shows(POST),),
    "DELETE /v1/posts/{postId}/like": (Shows(POST),),
    "PUT /v1/posts/{postId}/save": (Shows(POST),),
    "DELETE /v1/posts/{postId}/save": (Shows(POST, once=True),),
    "GET /v1/users/me/saved": (SignedIn(), Lists(POST, _shown)),
    "GET /v1/posts/{postId}/share-link": (Shows(POST),),
    # What is behind them is asked for by somebody without an account, whoever asks: test_sharing.py.
    "GET /p/{shortcode}": (Public(),),
    "GET /p/{shortcode}/{picture}": (Public(),),
    "GET /oembed": (Public(),),
    "GET /v1/posts/{postId}/likes": (Shows(POST), Lists(PROFILE, _shown, where="witness")),
    "GET /v1/posts/{postId}/comments": (
        Shows(POST),
        Lists(("comment",), _shown),
        Lists(("remark",), _shown, where="witness"),
    ),
    "POST /v1/posts/{postId}/comments": (Shows(POST, body=_text),),
    "PATCH /v1/comments/{commentId}": (Shows(WORDS, by="owner", once=True, body=_text),),
    "DELETE /v1/comments/{commentId}": (Shows(WORDS, by="owner", once=True),),
    "PUT /v1/comments/{commentId}/like": (Shows(WORDS),),
    "DELETE /v1/comments/{commentId}/like": (Shows(WORDS, once=True),),
    # Who may pin is the post's author, who is the owner of the first kind only.
    "PUT /v1/comments/{commentId}/pin": (Shows(("comment",), by="owner", once=True),),
    "DELETE /v1/comments/{commentId}/pin": (Shows(("comment",), by="owner", once=True),),
    "GET /v1/comments/{commentId}/replies": (Shows(WORDS), Lists(("reply",), _shown, where="witness")),
    "GET /v1/users/{userId}/posts": (Shows(PROFILE, undo=True), Lists(POST, _shown)),
    "GET /v1/users/me/archive": (SignedIn(), Lists(POST, _put_away)),
    # Stories
    "POST /v1/stories": (Shows(MEDIA, once=True, body=lambda names: {"mediaId": names["mediaId"]}),),
    "GET /v1/stories": (Lists(STORY, _followed),),
    "GET /v1/stories/{storyId}": (Shows(STORY),),
    "DELETE /v1/stories/{storyId}": (Shows(STORY, by="owner", once=True),),
    "PUT /v1/stories/{storyId}/view": (Shows(STORY),),
    "GET /v1/stories/{storyId}/viewers": (Shows(STORY, by="owner"),),
    "GET /v1/users/{userId}/stories": (Shows(PROFILE, undo=True), Lists(STORY, _shown)),
    # Feed
    "GET /v1/feed": (Lists(POST, _followed), Lists(POST, _followed, query={"order": "latest"})),
    # Takes any ids: what may not be seen is passed over later.
    "POST /v1/feed/views": (SignedIn(),),
    # Discovery
    "GET /v1/search": (
        Lists(PROFILE, _shown, query={"type": "users", "q": "{username}"}),
        Lists(POST, _for_anybody, query={"type": "posts", "q": "{word}"}),
    ),
    "GET /v1/search/suggest": (Lists(PROFILE, _shown, query={"q": "{username}"}),),
    "GET /v1/explore": (Lists(POST, _not_for_sure),),
    # All pictures here are one and the same, and only one of them is similar to anything.
    "GET /v1/posts/{postId}/similar": (Shows(POST), Lists(POST, _not_for_sure, where="witness")),
    "GET /v1/explore/nearby": (Lists(POST, _for_anybody, query={"lat": "{lat}", "lon": "{lon}"}),),
    # Only those with whom the viewer has nothing to do yet, and few of them.
    "GET /v1/explore/people": (Lists(PROFILE, _not_for_sure),),
    "PUT /v1/explore/people/{userId}/dismissal": (Shows(PROFILE, once=True),),
    # Takes any id: there is nothing to be learned from forgetting.
    "DELETE /v1/explore/people/{userId}/dismissal": (SignedIn(),),
    # Labels that many use, and how many: posts of private accounts have no part in it.
    "GET /v1/explore/trending": (SignedIn(),),
    "GET /v1/hashtags/{hashtag}": (SignedIn(),),
    "GET /v1/hashtags/{hashtag}/posts": (Lists(POST, _tagged), Lists(POST, _tagged, query={"sort": "top"})),
}
