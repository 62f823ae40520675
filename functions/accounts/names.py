"""What an account may be called and say about itself: the limits of every profile field, and its stored form.

Each is a rule as `heliograph.plaintext` explains.
"""

import re
from urllib.parse import urlsplit

from heliograph import plaintext
from heliograph.plaintext import Refused

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

# The single letters of UTS 39's confusables within the alphabet of usernames, and digits that are read as letters.
_LOOKS_LIKE = str.maketrans("013457i", "oleastl", "._")
_PAIRS_LOOK_LIKE = (("rn", "m"), ("vv", "w"), ("cl", "d"))


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
    """A name on one line; "" is no name. Raises Refused."""
    return plaintext.line(text, FULL_NAME_MAX)


def bio(text: str) -> str:
    """A few lines. Raises Refused."""
    kept = plaintext.lines(text, BIO_MAX)
    if kept.count("\n") >= BIO_LINES_MAX:
        raise Refused(f"at most {BIO_LINES_MAX} lines")
    return kept


def website(text: str) -> str:
    """An absolute http(s) URL of a host, without a user or password in it, unchanged. Raises Refused."""
    if len(text) > WEBSITE_MAX:
        raise Refused(f"at most {WEBSITE_MAX} characters")
    # Browsers drop line breaks and take a backslash for a slash (WHATWG URL), and then see another host than we do.
    if "\\" in text or plaintext.has_unseen(text):
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
