r"""What an account may be called and say about itself: the limits of every profile field, and its stored form.

Each rule takes what a client sent and gives what is stored, or raises Refused with words for the field. A rule
leaves its own result unchanged. Lengths are in code points of the stored form.

Invisible characters are removed, not refused: they come along with pasted text, their author can neither see nor
find them, and without them the text looks the same (or, for bidi controls, like its own letters; UTR 36, 2.5).
Control characters, lone surrogates, private-use and noncharacters are refused: no keyboard writes them.
"""

import re
import unicodedata
from urllib.parse import urlsplit

USERNAME_PATTERN = r"^[A-Za-z0-9._]{3,30}$"
FULL_NAME_MAX = 80
BIO_MAX = 150
BIO_LINES_MAX = 10
WEBSITE_MAX = 200
# RFC 5321, 4.5.3.1.3: a path is at most 256 octets, two of which are its angle brackets.
EMAIL_MAX = 254
# RFC 5321, 4.1.2, without quoted local parts (which hosts should avoid) and address literals; ASCII, for SES has no
# SMTPUTF8 (an internationalised domain is written as its A-labels). No comma, bracket or line break can pass.
EMAIL_PATTERN = (
    r"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$"
)
# RFC 5321, 4.5.3.1.1.
EMAIL_LOCAL_PART_MAX = 64
# ITU-T E.164: a country code and at most fifteen digits in all.
PHONE_PATTERN = r"^\+[1-9]\d{6,14}$"
PHONE_MAX = 40
# UTS 39, 5.4: no script in daily use piles up more; what does is drawn over its neighbours.
MARKS_MAX = 4
# UAX 15 (maximum expansion of NFD in UTF-32): no character is composed of more than four, and so a longer text is too
# long however it is composed. It also bounds the work: sorting a run of marks takes quadratic time.
COMPOSED_OF_MAX = 4

# Who seems to speak for the service or for its law, and the first parts of its URLs, now or likely.
_STAFF = (
    "admin",
    "administrator",
    "heliograph",
    "mod",
    "moderation",
    "moderator",
    "official",
    "owner",
    "root",
    "staff",
)
_HELP = ("contact", "help", "helpdesk", "info", "support", "heliographhelp", "heliographsupport", "heliographteam")
_OFFICES = (
    "abuse",
    "billing",
    "legal",
    "press",
    "privacy",
    "safety",
    "security",
    "status",
    "team",
    "trust",
    "verified",
)
_MAILBOXES = ("hostmaster", "mail", "noreply", "notifications", "postmaster", "system", "webmaster", "www")
_ROUTES = (
    "about",
    "accounts",
    "api",
    "auth",
    "explore",
    "feed",
    "me",
    "messages",
    "oembed",
    "posts",
    "search",
    "users",
)
_PAGES = ("account", "login", "logout", "settings", "signin", "signup", "stories", "terms")
RESERVED = (*_STAFF, *_HELP, *_OFFICES, *_MAILBOXES, *_ROUTES, *_PAGES)

# Default_Ignorable_Code_Point of Unicode 16 (DerivedCoreProperties.txt), which holds all bidi controls, zero-width
# characters, variation selectors and tags, and the format characters that it lacks: annotations, shorthand,
# hieroglyph layout. Arabic's enclosing signs are format characters too, but they are seen.
_IGNORABLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"
)
# The blocks that hold Extended_Pictographic (UTS 51, emoji-data.txt); the standard library has no such property.
_PICTURE = (
    "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u2460-\u24ff\u25a0-\u27bf\u2900-\u297f"
    "\u2b00-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]"
)
_EMOJI = f"{_PICTURE}[\U0001f3fb-\U0001f3ff]?[\ufe0e\ufe0f]?"
_KEPT = "|".join(
    (
        "\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f",  # flags of regions
        f"{_EMOJI}(?:\u200d{_EMOJI})*",
        "[0-9#*]\ufe0f\u20e3",  # keycaps
        "[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff][\U000e0100-\U000e01ef]",  # how a family writes its name
    )
)
# Compiled when first used (`re` keeps them): most cold starts are not for an edit.
_INVISIBLE = f"({_KEPT})|[{_IGNORABLE}]"
_LINE_BREAK = "\r\n?|[\u2028\u2029]"
_VIRAMA = 9

# The single letters of UTS 39's confusables within the alphabet of usernames, and digits that are read as letters.
_LOOKS_LIKE = str.maketrans("013457i", "oleastl", "._")
_PAIRS_LOOK_LIKE = (("rn", "m"), ("vv", "w"), ("cl", "d"))


class Refused(ValueError):
    """A field breaks its rule; the message is for whoever filled it in."""


def folded(name: str) -> str:
    """The form in which usernames and e-mail addresses are unique and looked up."""
    return name.strip().casefold()


def username(text: str) -> str:
    """A new account's username, in lower case. Raises Refused, also for what reads as a reserved name."""
    if not re.fullmatch(USERNAME_PATTERN.removesuffix("$"), text):
        raise Refused("3 to 30 of the letters a-z, digits, dots and underscores")
    # A path ending in a dot, or with dots in a row, is rewritten by browsers, servers and file systems.
    if text.startswith(".") or text.endswith(".") or ".." in text:
        raise Refused("dots stand alone, between other characters")
    if skeleton(text) in _RESERVED_SKELETONS:
        raise Refused("this username is reserved, or looks like one that is")
    return folded(text)


def skeleton(name: str) -> str:
    """What is left of a username for a hurried reader; two names of the same skeleton look alike (UTS 39, 4)."""
    letters = folded(name).translate(_LOOKS_LIKE)
    for pair, letter in _PAIRS_LOOK_LIKE:
        letters = letters.replace(pair, letter)
    return letters


_RESERVED_SKELETONS = frozenset(map(skeleton, RESERVED))


def email(text: str) -> str:
    """An e-mail address that a mailbox could have, in the form it is looked up. Raises Refused."""
    if len(text) > EMAIL_MAX:
        raise Refused(f"at most {EMAIL_MAX} characters")
    well_formed = re.fullmatch(EMAIL_PATTERN.removesuffix("$"), text)
    if not well_formed or len(text.partition("@")[0]) > EMAIL_LOCAL_PART_MAX:
        raise Refused("not an e-mail address, such as name@example.org")
    return folded(text)


def phone_number(text: str) -> str:
    """A number with its country code (E.164), without the spaces and signs that people group it by. Raises Refused."""
    digits = re.sub(r"[ ()./\u00a0-]", "", text)
    if len(text) > PHONE_MAX or not re.fullmatch(PHONE_PATTERN.removesuffix("$"), digits, re.ASCII):
        raise Refused("a phone number starts with + and the country code, such as +46 70 123 45 67")
    return digits


def full_name(text: str) -> str:
    """A name on one line: NFC, single spaces, nothing invisible. "" is no name. Raises Refused."""
    return _bounded(" ".join(_legible(text, FULL_NAME_MAX).split()), FULL_NAME_MAX)


def bio(text: str) -> str:
    r"""A few lines: NFC, `\n` between them, no blanks at their ends, nothing invisible. Raises Refused."""
    lines = re.sub(_LINE_BREAK, "\n", _legible(text, BIO_MAX)).replace("\t", " ").split("\n")
    kept = "\n".join(line.rstrip() for line in lines).strip()
    if kept.count("\n") >= BIO_LINES_MAX:
        raise Refused(f"at most {BIO_LINES_MAX} lines")
    return _bounded(kept, BIO_MAX)


def website(text: str) -> str:
    """An absolute http(s) URL of a host, without a user or password in it, unchanged. Raises Refused."""
    if len(text) > WEBSITE_MAX:
        raise Refused(f"at most {WEBSITE_MAX} characters")
    # Browsers drop line breaks and take a backslash for a slash (WHATWG URL), and then see another host than we do.
    if "\\" in text or any(c.isspace() or _unreadable(c) for c in text) or re.search(f"[{_IGNORABLE}]", text):
        raise Refused("no spaces, backslashes, control or invisible characters")
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        raise Refused("not a web address") from None
    if parts.scheme not in ("http", "https") or not host:
        raise Refused("a web address starts with http:// or https:// and a host")
    if "@" in parts.netloc:
        raise Refused("no user name or password in a web address")
    return text


def _legible(text: str, limit: int) -> str:
    """The text in NFC without invisible characters. Raises Refused for what cannot be shown, and for piled marks."""
    if len(text) > limit * COMPOSED_OF_MAX:
        raise Refused(f"at most {limit} characters")
    # To a fixed point: composing reorders marks, and with them what a joiner follows.
    while (cleaned := unicodedata.normalize("NFC", re.sub(_INVISIBLE, _kept, text))) != text:
        text = cleaned
    if any(_unreadable(character) for character in text if character not in "\t\n\r"):
        raise Refused("no control characters or other unreadable ones")
    if _most_marks(text) > MARKS_MAX:
        raise Refused(f"at most {MARKS_MAX} combining marks on a letter")
    return text


def _kept(found: re.Match[str]) -> str:
    return found[1] or (found[0] if _is_spelling(found.string, found.start()) else "")


def _is_spelling(text: str, at: int) -> bool:
    """Whether a joiner or non-joiner changes how a word is written: UAX 31, 2.3.1, contexts A1 (simplified), A2, B."""
    before, character, after = text[at - 1 : at], text[at], text[at + 1 : at + 2]
    if not before or character not in "\u200c\u200d":
        return False
    if unicodedata.combining(before) == _VIRAMA:
        return True
    return character == "\u200c" and _is_arabic_letter(before) and _is_arabic_letter(after)


def _is_arabic_letter(character: str) -> bool:
    return character.isalpha() and unicodedata.bidirectional(character) == "AL"


def _unreadable(character: str) -> bool:
    code = ord(character)
    noncharacter = code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
    return noncharacter or unicodedata.category(character) in ("Cc", "Cs", "Co")


def _most_marks(text: str) -> int:
    """The length of the longest run of nonspacing and enclosing marks."""
    longest = run = 0
    for character in text:
        run = run + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        longest = max(longest, run)
    return longest


def _bounded(text: str, limit: int) -> str:
    if len(text) > limit:
        raise Refused(f"at most {limit} characters")
    return text
