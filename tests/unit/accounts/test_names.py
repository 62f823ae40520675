"""What an account may be called and say about itself: limits, stored forms, and unicode tricks."""

import json
import re
import sys
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from functions.accounts import api, names
from local.community import PEOPLE
from tests.unit.requests import answer, request

GOOD = {"username": "ada.l", "email": "ada@example.org", "password": "correct horse"}
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

BIDI = [*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C]
INVISIBLE = [*BIDI, 0x00AD, 0x034F, 0x115F, 0x180E, 0x200B, 0x200C, 0x200D, 0x2060, 0x3164, 0xFE0F, 0xFEFF, 0xFFA0]
INVISIBLE += [0xFFF9, 0x1D173, 0xE0001, 0xE0041, 0xE0100]
UNREADABLE = ["\x00", "\x07", "\x1b", "\x7f", "\x85", LONE_SURROGATE, "\ue000", "\ufffe", "\ufdd0", "\U0010ffff"]

# Characters that matter to the rules, far more often than chance would bring them.
TRICKY = (
    "".join(map(chr, INVISIBLE)) + f"a1 \t\r\n\u2028\u00a0\u0301\u0327\u094d\u0915\u0645{FAMILY}{RAINBOW}{KATSURAGI}"
)
TEXTS = st.text(st.one_of(st.characters(), st.sampled_from(TRICKY)), max_size=40)


def accepted(rule: Callable[[str], str], text: str) -> str | None:
    try:
        return rule(text)
    except names.Refused:
        return None


# Usernames


@pytest.mark.parametrize(
    ("given_name", "stored"),
    [("Ada.L", "ada.l"), ("a_b", "a_b"), ("_ada_", "_ada_"), ("x" * 30, "x" * 30), ("adminton", "adminton")],
)
def test_a_username_is_stored_in_lower_case(given_name: str, stored: str) -> None:
    assert names.username(given_name) == stored


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("ab", id="short"),
        pytest.param("x" * 31, id="long"),
        pytest.param("ada\n", id="line break"),
        pytest.param(" ada", id="space"),
        pytest.param("\u212aelvin", id="Kelvin sign, folded to k"),
        pytest.param("ad\u0430", id="Cyrillic"),
        pytest.param("\uff41da", id="full width"),
        pytest.param("\u0661\u0662\u0663", id="Arabic digits"),
        pytest.param("ada\u200b", id="zero width"),
        pytest.param(f"ada{LONE_SURROGATE}", id="surrogate"),
        pytest.param(".ada", id="leading dot"),
        pytest.param("ada.", id="trailing dot"),
        pytest.param("a..da", id="dots in a row"),
    ],
)
def test_a_username_that_is_refused(name: str) -> None:
    with pytest.raises(names.Refused):
        names.username(name)


@pytest.mark.parametrize(
    "name",
    [
        "admin",
        "ADMIN",
        "adm1n",
        "admln",
        "a.d.m.i.n",
        "_admin_",
        "adrnin",
        "aclmin",
        "5upport",
        "he1p",
        "h3l1ograph",
        "heli0graph",
        "heliograph.support",
        "secur1ty",
        "vvebmaster",
        "vvvvvv",
        "ap1",
        "m_e",
        "r0ot",
    ],
)
def test_reserved_names_and_their_look_alikes_are_refused(name: str) -> None:
    with pytest.raises(names.Refused, match="reserved"):
        names.username(name)


@pytest.mark.parametrize("reserved", [name for name in names.RESERVED if len(name) >= 3])
def test_every_reserved_name_is_refused(reserved: str) -> None:
    assert accepted(names.username, reserved) is None


@given(st.from_regex(re.compile(names.USERNAME_PATTERN.removesuffix("$") + r"\Z", re.ASCII)))
@example("ada.l")
def test_an_accepted_username_is_its_own_form_and_no_look_alike(name: str) -> None:
    # given: any name of the right letters
    stored = accepted(names.username, name)
    # then: if it is accepted, case is all that was lost, and it is accepted again
    if stored is not None:
        assert stored == name.lower() == names.username(stored) == names.folded(stored)
        assert names.skeleton(stored) not in {names.skeleton(reserved) for reserved in names.RESERVED}


def test_the_people_of_the_demo_may_be_called_what_they_are() -> None:
    for person in PEOPLE:
        assert (names.username(person.username), names.full_name(person.full_name)) == (
            person.username,
            person.full_name,
        )


# Full names and bios


@pytest.mark.parametrize("rule", [names.full_name, names.bio])
@pytest.mark.parametrize("text", [FAMILY, RAINBOW, HEALTH_WORKER, NODDING, SCOTLAND, KEYCAP, SRI, PERSIAN, KATSURAGI])
def test_what_invisible_characters_spell_survives(rule: Callable[[str], str], text: str) -> None:
    assert rule(f"x {text} y") == f"x {text} y"


@pytest.mark.parametrize("rule", [names.full_name, names.bio])
@pytest.mark.parametrize("code", INVISIBLE, ids=hex)
def test_invisible_characters_are_removed(rule: Callable[[str], str], code: int) -> None:
    assert rule(f"{chr(code)}Ada{chr(code)} L{chr(code)}") == "Ada L"


@pytest.mark.parametrize("rule", [names.full_name, names.bio])
@pytest.mark.parametrize("character", UNREADABLE, ids=ascii)
def test_unreadable_characters_are_refused(rule: Callable[[str], str], character: str) -> None:
    with pytest.raises(names.Refused, match="unreadable"):
        rule(f"Ada{character}L")


@pytest.mark.parametrize("rule", [names.full_name, names.bio])
def test_text_is_composed(rule: Callable[[str], str]) -> None:
    assert rule("Zoe\u0308 \u212bngstro\u0308m") == "Zo\u00eb \u00c5ngstr\u00f6m"


@pytest.mark.parametrize("rule", [names.full_name, names.bio])
def test_marks_do_not_pile_up(rule: Callable[[str], str]) -> None:
    # given: a letter without composed forms, under as many marks as are allowed, with and without breaks unseen
    most = "x" + "\u0325" * names.MARKS_MAX
    # then: one more is too many, and an invisible character between them hides nothing
    assert rule(most) == most
    for more in ("\u0325", "\u200b\u0325", "\u034f\u0325", "\u20dd"):
        with pytest.raises(names.Refused, match="marks"):
            rule(most + more)


@pytest.mark.parametrize(("rule", "limit"), [(names.full_name, names.FULL_NAME_MAX), (names.bio, names.BIO_MAX)])
def test_lengths_are_of_the_stored_form(rule: Callable[[str], str], limit: int) -> None:
    # given: texts that shrink to the limit
    # then: they are accepted, and one character more is not
    assert rule("e\u0301" * limit) == "\u00e9" * limit
    assert rule("\u03b1\u0313\u0300\u0345" * limit) == "\u1f82" * limit
    assert rule(" " * limit + "x" * limit) == "x" * limit
    assert rule("\U0001f600" * limit) == "\U0001f600" * limit
    for long in ("e\u0301" * (limit + 1), "x" * (limit + 1), "\u0344" * limit, "x" + "\u0300\u0327" * 30_000):
        with pytest.raises(names.Refused):
            rule(long)


def test_a_full_name_is_one_line_of_single_spaces() -> None:
    assert names.full_name(" Ada\u00a0 \t\r\n Love\u2028lace\u3000") == "Ada Love lace"
    assert names.full_name(" \u200b ") == ""


def test_a_bio_keeps_its_lines() -> None:
    assert names.bio("\n By the sea \r\n\r\nin\tspring\u2028& fall\r") == "By the sea\n\nin spring\n& fall"
    assert names.bio("  two  spaces  ") == "two  spaces"


def test_a_bio_has_few_lines() -> None:
    # given
    most = "\n".join("x" * names.BIO_LINES_MAX)
    # then
    assert names.bio(f"\n\n{most}\n\n") == most
    with pytest.raises(names.Refused, match="lines"):
        names.bio(f"{most}\nx")


@given(TEXTS)
@example("\u0915\u0301\u094d" + ZWJ)
@example("\u0915\u0301\u034f\u094d" + ZWJ)
@example("a\u200b\u0301")
def test_accepted_text_is_normal_and_free_of_tricks(text: str) -> None:
    for rule in (names.full_name, names.bio):
        # when
        stored = accepted(rule, text)
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
def test_only_a_bio_breaks_lines(text: str) -> None:
    assert "\n" not in (accepted(names.full_name, text) or "")
    assert (accepted(names.bio, text) or "").count("\n") < names.BIO_LINES_MAX


# E-mail addresses


@pytest.mark.parametrize(
    ("given_address", "stored"),
    [
        ("Ada@Example.ORG", "ada@example.org"),
        ("a@b.c", "a@b.c"),
        ("first.o'last+tag@mail.example.org", "first.o'last+tag@mail.example.org"),
        ("ada@xn--mnchen-3ya.example", "ada@xn--mnchen-3ya.example"),
        ("a" * 64 + "@example.org", "a" * 64 + "@example.org"),
    ],
)
def test_an_address_is_stored_as_it_is_looked_up(given_address: str, stored: str) -> None:
    assert names.email(given_address) == stored


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody",
        "@b.c",
        "a@",
        "a@b",
        "a@b.",
        "a@.b",
        "a@b..c",
        "a@-b.c",
        "a@b-.c",
        "a@b@c.d",
        "a b@c.de",
        ".a@b.c",
        "a..b@c.d",
        "a.@b.c",
        "a@b.c\n",
        "a@b.c\r\nBcc: x@y.z",
        "a@b.c,x@y.z",
        "<a@b.c>",
        '"a b"@c.d',
        "a;b@c.d",
        "stra\u00dfe@b.c",
        "\u212aate@b.c",
        "a@m\u00fcnchen.de",
        "a\u200b@b.c",
        "a\x00@b.c",
        f"a{LONE_SURROGATE}@b.c",
        "a" * 65 + "@b.c",
        "a@" + "b." * 126 + "c",
    ],
    ids=ascii,
)
def test_what_no_mail_can_be_sent_to_is_refused(address: str) -> None:
    with pytest.raises(names.Refused):
        names.email(address)


@given(st.one_of(st.emails(), st.text(st.sampled_from('aB1.@-+ ,<>"\r\n\u00df'), max_size=12)))
def test_an_accepted_address_is_its_own_form_and_one_plain_token(address: str) -> None:
    stored = accepted(names.email, address)
    if stored is not None:
        assert names.email(stored) == stored == names.folded(address)
        assert stored.isascii()
        assert not set(stored) & set(' ,;:<>()[]"\\\r\n\t\x00')


# Websites


@pytest.mark.parametrize(
    "address",
    [
        "https://lena.example/",
        "http://x.org:8080/a?b=c#d",
        "https://[::1]/",
        "https://x.org/@ada",
        "https://m\u00fc.de/",
    ],
)
def test_a_website_is_kept_as_given(address: str) -> None:
    assert names.website(address) == address
    assert api.ProfileEdit.model_validate({"websiteUrl": address}).website_url == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "x.org",
        "//x.org",
        "javascript:alert(1)",
        "ftp://x.org",
        "https:",
        "https:x.org",
        "https:///x.org",
        "http:\\\\x.org",
        "https://x.org\\@y.org",
        "https://ada@x.org",
        "https://ada:pw@x.org",
        "https://@x.org",
        "https://x.org/\n",
        "https://x\t.org",
        " https://x.org",
        "https://x.org/a b",
        "https://[::1",
        "https://x.org/\x00",
        "https://x.org/\u202egpj.exe",
        "https://x\u200b.org",
        "https://x.org/" + "x" * 187,
        f"https://x.org/{LONE_SURROGATE}",
        "https://:80/",
    ],
    ids=ascii,
)
def test_a_website_that_is_refused(address: str) -> None:
    with pytest.raises(names.Refused):
        names.website(address)


# At the edge


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"username": "adm1n"}, "reserved"),
        ({"username": "a..b"}, "dots"),
        ({"email": "a@b.c\r\nBcc: x@y.z"}, "e-mail address"),
        ({"email": "a" * 65 + "@b.c"}, "e-mail address"),
        ({"fullName": "Ada\x00"}, "control"),
        ({"fullName": f"Ada{LONE_SURROGATE}"}, "unreadable"),
    ],
)
def test_sign_up_says_which_field_and_why(wrong: dict[str, Any], words: str, context: Any) -> None:
    # when
    status, body = answer(api.handler(request("POST", "/v1/auth/sign-up", GOOD | wrong), context))
    # then
    (error,) = body["errors"]
    assert (status, error["field"]) == (422, next(iter(wrong)))
    assert words in error["message"]
    assert "Value error" not in error["message"]


@pytest.mark.parametrize("address", ["https://x.org:99999/", "https://a^b/"])
def test_a_website_of_an_impossible_host_is_refused_in_few_words(address: str) -> None:
    with pytest.raises(ValidationError) as refused:
        api.ProfileEdit.model_validate({"websiteUrl": address})
    assert [error["msg"] for error in refused.value.errors()] == ["not a web address"]


def test_an_edit_is_stored_in_normal_form() -> None:
    edit = api.ProfileEdit.model_validate_json(json.dumps({"fullName": " Zoe\u0308\u202e ", "bio": "a\r\nb"}))
    assert (edit.full_name, edit.bio) == ("Zo\u00eb", "a\nb")


def test_who_has_a_name_that_is_refused_today_may_still_confirm_it() -> None:
    assert api.Confirm.model_validate({"username": "a..b", "code": "123456"}).username == "a..b"
