# ruff: noqa: RUF001  (letters of many scripts are what this is about)
"""A text as the words by which it is found: folded, taken apart, and stemmed. Pure.

The indexes hold these words as they are, and what people type is made into the same. So every engine finds the same,
and a new rule is a new generation of the index, not a setting of an engine.
"""

import re
import unicodedata
from collections.abc import Iterator
from itertools import groupby, pairwise
from typing import Literal

from heliograph import plaintext

Kind = Literal["word", "unspaced", "emoji", "other"]

# Marks that people leave out: accents of Latin, Greek and Cyrillic (but й is a letter of its own), Hebrew points,
# Arabic vowel signs. Those of Indic scripts, Thai and kana stay.
_ACCENTS = re.compile("(?<!\u0438)\u0306|[\u0300-\u0305\u0307-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670]")
_LETTERS = str.maketrans(
    {
        **dict.fromkeys("\u2019\u2018\u02bc", "'"),
        **dict.fromkeys("\u0640\u200c", ""),  # Arabic's stretching and Persian's parting sign
        # Unicode does not decompose these.
        **dict(zip("łøđðıħ", "loddih", strict=True)),
        **dict(zip("þæœ", ("th", "ae", "oe"), strict=True)),
        # Arabic as it is typed in haste, and on Persian keyboards.
        **dict(zip("ىیةک", "ييهك", strict=True)),
    }
)
# How an emoji is drawn, and in which colour of skin.
_DRAWN = re.compile("[\ufe00-\ufe0f\U0001f3fb-\U0001f3ff]")
_EMOJI = re.compile("[\U0001f1e6-\U0001f1ff]{2}|.(?:\u200d.)*")
# Thai to Lao, Burmese, Khmer, kana and ideographs are written without spaces; to Korean words others are stuck.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff\uac00-\ud7a3"
    "\U00020000-\U0003ffff]"
)
# l'été, d'Angelo, qu'elle, dell'arte: two words; don't: one.
_ELISION = re.compile(r"\b(\w|qu|un|all|dell|nell|sull)'(?=\w\w)")

# Endings of plurals, cases, genders, and -ing, light as in D. Harman, "How effective is suffixing?" (1991), J. Savoy,
# "Light stemming approaches for the French, Portuguese, German and Hungarian languages" (2006), and L. Larkey et al.,
# "Light stemming for Arabic information retrieval" (2007). One list for a script, as nobody says in which language they
# write.
_ENDINGS = {
    "LATIN": "ings ing ies ied es ed en as os is e a o i y s",
    "CYRILLIC": "иями ями ами ией иях ого его ому ему ях ах ов ев ей ой ый ий ая яя ое ее ые ие ым им ую юю ом ем ам "
    "ям а я о е ы и у ю ь",
    "GREEK": "ουσ ων οσ ου οι εσ ασ ησ ισ α η ο ι ω ε υ",
    "ARABIC": "ات ون ين ان ها يه ه ي",
    "HEBREW": "ים ות ה",
}
_ENDING = {script: re.compile(f"(?<=...)(?:{endings.replace(' ', '|')})$") for script, endings in _ENDINGS.items()}
_ARTICLE = re.compile("^(?:وال|بال|كال|فال|ال|لل)(?=...)")
_DOUBLED = re.compile(r"(?<=..)(\w)\1$")


def folded(text: str) -> str:
    """A text without case, accents, and ways of drawing a letter."""
    plain = unicodedata.normalize("NFKC", _DRAWN.sub("", text)).casefold()
    return unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFD", plain))).translate(_LETTERS)


def of(text: str) -> list[str]:
    """The words of a text, in order; what is written without spaces as its characters and their pairs."""
    found: list[str] = []
    for kind, part in _parts(text):
        if kind == "unspaced":
            found += [part[0], *(piece for pair in pairwise(part) for piece in ("".join(pair), pair[1]))]
        else:
            found.append(part)
    return found


def typed(text: str) -> list[str]:
    """The words that must all be there for a text to fit what somebody typed."""
    found: list[str] = []
    for kind, part in _parts(text):
        if kind == "unspaced" and len(part) > 1:
            found += ["".join(pair) for pair in pairwise(part)]
        else:
            found.append(part)
    return found


def joined(text: str) -> str:
    """A text as one word: `Grace Hopper`, `grace.hopper` and `gracehopper` are the same."""
    return "".join(part for _, part in _parts(text))


def stem(word: str) -> str:
    """A word without its ending, in the manner of its script; at least three letters stay."""
    script = unicodedata.name(word[0], "").partition(" ")[0]
    if script not in _ENDING or not word.isalpha():
        return word
    return _DOUBLED.sub(r"\1", _ENDING[script].sub("", _ARTICLE.sub("", word)))


def _parts(text: str) -> Iterator[tuple[Kind, str]]:
    plain = _ELISION.sub(r"\1 ", folded(text)).replace("'", "")
    for kind, run in groupby(plain, _kind):
        part = "".join(run)
        if kind == "emoji":
            for emoji in _EMOJI.finditer(part):
                yield kind, emoji[0]
        elif kind != "other":
            yield kind, part


def _kind(char: str) -> Kind:
    if _UNSPACED.match(char):
        return "unspaced"
    if unicodedata.category(char)[0] in "LNM":
        return "word"
    return "emoji" if char == "\u200d" or plaintext.is_emoji(char) else "other"
