"""What people write about their pictures: the rules of each field (see `heliograph.plaintext`), hashtags and mentions.

Pure.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from heliograph import plaintext
from heliograph.errors import Invalid

MAX_CAPTION = 2200
MAX_COMMENT = 1000
MAX_ALT_TEXT = 1000
MAX_PLACE_NAME = 100
MAX_HASHTAGS = 30
MAX_HASHTAG_LENGTH = 100
MAX_MENTIONS = 20

# Over classes of characters, see `_class`: "w" belongs to a word, "#" starts a tag. `#a#b` is two tags, `a#b` none.
TAG_RUN = re.compile(r"(?<!w)(?:#w+)+")
# A dot may end a sentence as well as a username, and ends a sentence more often. `me@example.org` mentions nobody.
MENTION = re.compile(r"(?<![\w.@])@([A-Za-z0-9_.]{2,29}[A-Za-z0-9_])(?!\w)")
# What is left of a mention when the account is erased. Not a name with @, for somebody else could take it.
SOMEBODY = "somebody"
MARKERS = "#\uff03"  # the second is the full-width one of East Asian keyboards
VARIATION_SELECTORS = range(0xFE00, 0xFE10)


@dataclass(frozen=True)
class Caption:
    """A caption and what it refers to: normalised hashtags and usernames, each once, in order of appearance."""

    text: str
    hashtags: tuple[str, ...]
    usernames: tuple[str, ...]


def caption(text: str) -> str:
    """Raises Refused."""
    return plaintext.lines(text, MAX_CAPTION)


def comment(text: str) -> str:
    """Raises Refused, also for nothing."""
    return plaintext.some(plaintext.lines(text, MAX_COMMENT))


def alt_text(text: str) -> str:
    """Raises Refused."""
    return plaintext.lines(text, MAX_ALT_TEXT)


def place_name(text: str) -> str:
    """Raises Refused, also for nothing."""
    return plaintext.some(plaintext.line(text, MAX_PLACE_NAME))


def read(text: str) -> Caption:
    """Raises Invalid for more hashtags or mentions than a caption may have."""
    tags, usernames = hashtags(text), mentions(text)
    if len(tags) > MAX_HASHTAGS:
        raise Invalid.field("caption", f"at most {MAX_HASHTAGS} hashtags")
    if len(usernames) > MAX_MENTIONS:
        raise Invalid.field("caption", f"at most {MAX_MENTIONS} mentions")
    return Caption(text, tags, usernames)


def names_in_comment(text: str) -> tuple[str, ...]:
    """The usernames that a comment mentions. Raises Invalid for more than it may."""
    usernames = mentions(text)
    if len(usernames) > MAX_MENTIONS:
        raise Invalid.field("content", f"at most {MAX_MENTIONS} mentions")
    return usernames


def hashtags(text: str) -> tuple[str, ...]:
    """The normalised tags of a text. A tag is letters, digits, marks and underscores of any script; emoji end it."""
    tags = (normalised(tag) for tag in _tags(unicodedata.normalize("NFC", text)))
    return tuple(dict.fromkeys(tag for tag in tags if len(tag) <= MAX_HASHTAG_LENGTH))


def normalised(tag: str) -> str:
    """The form in which two spellings of one tag are equal: case-folded, then NFC (folding may decompose)."""
    return unicodedata.normalize("NFC", tag.casefold())


def mentions(text: str) -> tuple[str, ...]:
    """The usernames a text mentions, in lower case; whether they exist is not known here."""
    return tuple(dict.fromkeys(name.lower() for name in MENTION.findall(text)))


def without_mention(text: str, username: str) -> str:
    """The text with SOMEBODY in place of each mention of a username."""
    return MENTION.sub(lambda found: SOMEBODY if found[1].lower() == username else found[0], text)


def _tags(text: str) -> Iterator[str]:
    for run in TAG_RUN.finditer("".join(map(_class, text))):
        yield from re.split(f"[{MARKERS}]", text[run.start() + 1 : run.end()])


def _class(char: str) -> str:
    if char in MARKERS:
        return "#"
    if ord(char) in VARIATION_SELECTORS:  # marks by category, but they only colour an emoji
        return "."
    category = unicodedata.category(char)
    return "w" if category[0] in "LN" or category in ("Mn", "Mc") or char == "_" else "."
