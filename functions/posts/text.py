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

# Over classes of characters, see `_class`: "w" belongs to a word, "e" is an emoji, "m" only follows one of them, "j"
# joins two of them, "#" starts a tag. `#a#b` is two tags; `a#b`, `/#top` and `&#39;` are none.
TAG_RUN = re.compile("(?<![wmx])(?:#[we](?:[wem]|j(?=[we]))*)+")
# Letters that are written in one word with a name's own: of alphabets that set words apart by spaces.
_ALPHABETIC = "A-Za-z0-9_\u00aa-\u052f"
# A dot may end a sentence as well as a username, and ends a sentence more often. `me@example.org` mentions nobody, nor
# does `@ben@elsewhere.example`; `@ben\u3055\u3093` mentions ben, as no space would be written there.
MENTION = re.compile(
    rf"(?<![{_ALPHABETIC}.@\uff20/])[@\uff20]([A-Za-z0-9_.]{{2,29}}[A-Za-z0-9_])(?![{_ALPHABETIC}\u0300-\u036f@\uff20])"
)
# What is left of a mention when the account is erased. Not a name with @, for somebody else could take it.
SOMEBODY = "somebody"
MARKERS = "#\uff03\ufe5f"  # the others are those of East Asian keyboards
# They choose how a character is drawn, not which it is.
VARIATION_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
# `#\ufe0f\u20e3` starts no tag, and the digit of a keycap belongs to no word: in place of each, what ends a tag.
KEYCAP = re.compile("[0-9#*]\u20e3")


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
    """The normalised tags of a text.

    A tag is made of what UAX 31 (R8, extended hashtags) takes for one: letters, digits and marks of any script, emoji,
    underscores, and the joiners inside words and emoji. Digits alone are no tag, but a number.
    """
    tags = (normalised(tag) for tag in _tags(unicodedata.normalize("NFC", text)))
    return tuple(dict.fromkeys(tag for tag in tags if len(tag) <= MAX_HASHTAG_LENGTH and _says_something(tag)))


def normalised(tag: str) -> str:
    """The form in which two spellings of one tag are equal.

    Without variation selectors, case-folded, then NFC (folding may decompose).
    """
    return unicodedata.normalize("NFC", VARIATION_SELECTORS.sub("", tag).casefold())


def mentions(text: str) -> tuple[str, ...]:
    """The usernames a text mentions, in lower case; whether they exist is not known here."""
    return tuple(dict.fromkeys(name.lower() for name in MENTION.findall(text)))


def without_mention(text: str, username: str) -> str:
    """The text with SOMEBODY in place of each mention of a username."""
    return MENTION.sub(lambda found: SOMEBODY if found[1].lower() == username else found[0], text)


def _tags(text: str) -> Iterator[str]:
    plain = KEYCAP.sub("  ", VARIATION_SELECTORS.sub("", text))
    for run in TAG_RUN.finditer("".join(map(_class, plain))):
        yield from re.split(f"[{MARKERS}]", plain[run.start() + 1 : run.end()])


def _says_something(tag: str) -> bool:
    return any(_class(char) == "e" or unicodedata.category(char)[0] == "L" for char in tag)


def _class(char: str) -> str:
    if char in MARKERS:
        return "#"
    if char in "/&":
        return "x"
    if char in "\u200c\u200d":
        return "j"
    category = unicodedata.category(char)
    if category[0] in "LN" or char == "_":
        return "w"
    # The tags that make a flag of a region, and the skin tones, follow what they change.
    if category in ("Mn", "Mc") or "\U000e0020" <= char <= "\U000e007f":
        return "m"
    return "e" if plaintext.is_emoji(char) else "."
