"""What people may write, in every field that takes their words: stored forms, lengths, and unicode tricks."""

import sys
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from functions.accounts import names
from functions.discovery import api as discovery
from functions.posts import text
from heliograph import plaintext
from heliograph.plaintext import Refused

Rule = Callable[[str], str]
FIELDS: dict[str, tuple[Rule, int]] = {
    "full name": (names.full_name, names.FULL_NAME_MAX),
    "bio": (names.bio, names.BIO_MAX),
    "caption": (text.caption, text.MAX_CAPTION),
    "comment": (text.comment, text.MAX_COMMENT),
    "alternative text": (text.alt_text, text.MAX_ALT_TEXT),
    "name of a place": (text.place_name, text.MAX_PLACE_NAME),
    "search": (discovery.typed, discovery.MAX_TEXT),
}
EVERY_FIELD = pytest.mark.parametrize("rule", [rule for rule, _ in FIELDS.values()], ids=FIELDS)

LONE_SURROGATE = "\ud800"
ZWJ, ZWNJ, VS16 = "\u200d", "\u200c", "\ufe0f"

FAMILY = f"\U0001f469{ZWJ}\U0001f469{ZWJ}\U0001f467"
RAINBOW = f"\U0001f3f3{VS16}{ZWJ}\U0001f308"
HEALTH_WORKER = f"\U0001f469\U0001f3fd{ZWJ}\u2695{VS16}"
NODDING = f"\U0001f642{ZWJ}\u2195{VS16}"
SCOTLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"
KEYCAP = f"1{VS16}\u20e3"
SRI = f"\u0dc1\u0dca{ZWJ}\u0dbb\u0dd3"
PERSIAN = f"\u0645\u06cc{ZWNJ}\u062e\u0648\u0627\u0647\u0645"
KATSURAGI = "\u845b\U000e0100\u57ce"
FRANCE = "\U0001f1eb\U0001f1f7"
SPELT = [FAMILY, RAINBOW, HEALTH_WORKER, NODDING, SCOTLAND, FRANCE, KEYCAP, SRI, PERSIAN, KATSURAGI]
# Arabic, Hebrew, Chinese, Thai
SCRIPTS = [
    "\u0634\u0643\u0631\u0627",
    "\u05e9\u05dc\u05d5\u05dd",
    "\u5199\u771f",
    "\u0e20\u0e32\u0e1e",
]

BIDI = [*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C]
INVISIBLE = [*BIDI, 0x00AD, 0x034F, 0x115F, 0x180E, 0x200B, 0x200C, 0x200D, 0x2060, 0x3164, 0xFE0F, 0xFEFF, 0xFFA0]
INVISIBLE += [0xFFF9, 0x1D173, 0xE0001, 0xE0041, 0xE0100]
UNREADABLE = ["\x00", "\x07", "\x1b", "\x7f", "\x85", LONE_SURROGATE, "\ue000", "\ufffe", "\ufdd0", "\U0010ffff"]

# Characters that matter to the rules, far more often than chance would bring them.
TRICKY = (
    "".join(map(chr, INVISIBLE)) + f"a1 \t\r\n\u2028\u00a0\u0301\u0327\u094d\u0915\u0645{FAMILY}{RAINBOW}{KATSURAGI}"
)
TEXTS = st.text(st.one_of(st.characters(), st.sampled_from(TRICKY)), max_size=40)


def accepted(rule: Rule, sent: str) -> str | None:
    try:
        return rule(sent)
    except Refused:
        return None


@EVERY_FIELD
@pytest.mark.parametrize("spelt", [*SPELT, *SCRIPTS])
def test_meaningful_invisible_characters_are_kept(rule: Rule, spelt: str) -> None:
    assert rule(f"x {spelt} y") == f"x {spelt} y"


@EVERY_FIELD
@pytest.mark.parametrize("code", INVISIBLE, ids=hex)
def test_invisible_characters_are_removed(rule: Rule, code: int) -> None:
    assert rule(f"{chr(code)}Ada{chr(code)} L{chr(code)}") == "Ada L"


@EVERY_FIELD
@pytest.mark.parametrize("character", UNREADABLE, ids=ascii)
def test_unreadable_characters_are_refused(rule: Rule, character: str) -> None:
    with pytest.raises(Refused, match="unreadable"):
        rule(f"Ada{character}L")


@EVERY_FIELD
def test_text_is_composed(rule: Rule) -> None:
    assert rule("Zoe\u0308 \u212bngstro\u0308m") == "Zo\u00eb \u00c5ngstr\u00f6m"


@EVERY_FIELD
def test_marks_do_not_pile_up(rule: Rule) -> None:
    # given: a letter without composed forms, under as many marks as are allowed, with and without breaks unseen
    most = "x" + "\u0325" * plaintext.MARKS_MAX
    # then: one more is too many, and an invisible character between them hides nothing
    assert rule(most) == most
    for more in ("\u0325", "\u200b\u0325", "\u034f\u0325", "\u20dd"):
        with pytest.raises(Refused, match="marks"):
            rule(most + more)


@pytest.mark.parametrize(("rule", "limit"), FIELDS.values(), ids=FIELDS)
def test_lengths_are_of_the_stored_form(rule: Rule, limit: int) -> None:
    # given: texts that shrink to the limit
    # then: they are accepted, and one character more is not
    assert rule("e\u0301" * limit) == "\u00e9" * limit
    assert rule("\u03b1\u0313\u0300\u0345" * limit) == "\u1f82" * limit
    assert rule(" " * limit + "x" * limit) == "x" * limit
    assert rule("\U0001f600" * limit) == "\U0001f600" * limit
    for long in ("e\u0301" * (limit + 1), "x" * (limit + 1), "\u0344" * limit, "x" + "\u0300\u0327" * 30_000):
        with pytest.raises(Refused):
            rule(long)


def test_text_on_one_line_has_single_spaces() -> None:
    assert names.full_name(" Ada\u00a0 \t\r\n Love\u2028lace\u3000") == "Ada Love lace"
    assert names.full_name(" \u200b ") == ""


def test_text_of_some_lines_keeps_them() -> None:
    assert text.caption("\n By the sea \r\n\r\nin\tspring\u2028& fall\r") == "By the sea\n\nin spring\n& fall"
    assert text.caption("  two  spaces  ") == "two  spaces"


@pytest.mark.parametrize("rule", [text.comment, text.place_name, discovery.typed])
@pytest.mark.parametrize("nothing", ["", " \n", "\u200b", "\u2066\u2069 \ufeff"], ids=ascii)
def test_invisible_text_counts_as_empty(rule: Rule, nothing: str) -> None:
    with pytest.raises(Refused, match="at least one"):
        rule(nothing)


@given(TEXTS)
@example("\u0915\u0301\u094d" + ZWJ)
@example("\u0915\u0301\u034f\u094d" + ZWJ)
@example("a\u200b\u0301")
def test_accepted_text_is_normal_and_free_of_tricks(sent: str) -> None:
    for rule, _ in FIELDS.values():
        # when
        stored = accepted(rule, sent)
        # then
        if stored is not None:
            assert rule(stored) == stored
            assert unicodedata.is_normalized("NFC", stored)
            assert not {chr(code) for code in BIDI} & set(stored)
            assert not {"\u200b", "\u2060", "\ufeff", "\u00ad", "\u3164"} & set(stored)
            assert not [c for c in stored if unicodedata.category(c) in ("Cc", "Cs", "Co") and c != "\n"]
            stored.encode()


def test_every_format_character_is_removed_unless_it_is_drawn() -> None:
    # given: Arabic's, Syriac's and Kaithi's enclosing signs are format characters, but are seen
    drawn = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}
    formats = [chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) == "Cf"]
    # when
    kept = {ord(character) for character in formats if names.bio(f"a{character}b") != "ab"}
    # then
    assert kept == drawn


@given(TEXTS)
def test_only_text_of_some_lines_breaks_them(sent: str) -> None:
    for rule in (names.full_name, text.place_name, discovery.typed):
        assert "\n" not in (accepted(rule, sent) or "")
