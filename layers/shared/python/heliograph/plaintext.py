r"""What people write, in the form in which it is kept: the one set of rules for every text field of the product.

A rule takes what a client sent and gives what is stored, or raises Refused with words for the field. A rule leaves its
own result unchanged. Lengths are in code points of the stored form.

Invisible characters are removed, not refused: they come along with pasted text, their author can neither see nor
find them, and without them the text looks the same (or, for bidi controls, like its own letters; UTR 36, 2.5).
Control characters, lone surrogates, private-use and noncharacters are refused: no keyboard writes them.
"""

import re
import unicodedata
from collections.abc import Callable
from typing import Any

from pydantic import AfterValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

# UTS 39, 5.4: no script in daily use piles up more; what does is drawn over its neighbours.
MARKS_MAX = 4
# UAX 15 (maximum expansion of NFD in UTF-32): no character is composed of more than four, and so a longer text is too
# long however it is composed. It also bounds the work: sorting a run of marks takes quadratic time.
COMPOSED_OF_MAX = 4

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


class Refused(ValueError):
    """A field breaks its rule; the message is for whoever filled it in."""


def line(text: str, limit: int) -> str:
    """A text on one line: NFC, single spaces, nothing invisible. Raises Refused."""
    return _bounded(" ".join(_legible(text, limit).split()), limit)


def lines(text: str, limit: int) -> str:
    r"""A text of some lines: NFC, `\n` between them, no blanks at their ends, nothing invisible. Raises Refused."""
    kept = re.sub(_LINE_BREAK, "\n", _legible(text, limit)).replace("\t", " ").split("\n")
    return _bounded("\n".join(part.rstrip() for part in kept).strip(), limit)


def some(text: str) -> str:
    """The text, if there is any. Raises Refused."""
    if not text:
        raise Refused("at least one character that can be seen")
    return text


def has_unseen(text: str) -> bool:
    """Whether any of its characters is a space, is invisible, or cannot be shown: none belongs into a name or a URL."""
    return bool(re.search(rf"[\s{_IGNORABLE}]", text)) or any(map(_unreadable, text))


def is_emoji(character: str) -> bool:
    """Whether it is drawn as a picture, or can be."""
    return bool(re.fullmatch(_PICTURE, character))


def field(rule: Callable[[str], str], **told: Any) -> tuple[AfterValidator, WithJsonSchema]:
    """For `Annotated[str, *field(rule)]`: a text field with a rule, and what the API's description tells of it."""

    def checked(value: str) -> str:
        try:
            return rule(value)
        except Refused as refused:
            raise PydanticCustomError("refused", "{reason}", {"reason": str(refused)}) from None

    return AfterValidator(checked), WithJsonSchema({"type": "string", **told})


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
