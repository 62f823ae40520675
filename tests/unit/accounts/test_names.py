"""What an account may be called and say about itself: limits, stored forms, and unicode tricks."""

import json
import re
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
TEXTS = st.text(max_size=40)


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
def test_invalid_username_is_refused(name: str) -> None:
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
def test_accepted_username_is_normal_and_resembles_no_reserved_name(name: str) -> None:
    # given: any name of the right letters
    stored = accepted(names.username, name)
    # then: if it is accepted, case is all that was lost, and it is accepted again
    if stored is not None:
        assert stored == name.lower() == names.username(stored) == names.folded(stored)
        assert names.skeleton(stored) not in {names.skeleton(reserved) for reserved in names.RESERVED}


def test_names_of_the_demo_people_are_accepted() -> None:
    for person in PEOPLE:
        assert (names.username(person.username), names.full_name(person.full_name)) == (
            person.username,
            person.full_name,
        )


# Full names and bios (what holds for every text is tested in tests/unit/test_texts.py)


def test_a_bio_has_few_lines() -> None:
    # given
    most = "\n".join("x" * names.BIO_LINES_MAX)
    # then
    assert names.bio(f"\n\n{most}\n\n") == most
    with pytest.raises(names.Refused, match="lines"):
        names.bio(f"{most}\nx")


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
def test_invalid_email_address_is_refused(address: str) -> None:
    with pytest.raises(names.Refused):
        names.email(address)


@given(st.one_of(st.emails(), st.text(st.sampled_from('aB1.@-+ ,<>"\r\n\u00df'), max_size=12)))
def test_accepted_email_address_is_normal_and_one_token(address: str) -> None:
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
def test_invalid_website_is_refused(address: str) -> None:
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
def test_website_with_an_invalid_host_is_refused_with_a_short_message(address: str) -> None:
    with pytest.raises(ValidationError) as refused:
        api.ProfileEdit.model_validate({"websiteUrl": address})
    assert [error["msg"] for error in refused.value.errors()] == ["not a web address"]


def test_an_edit_is_stored_in_normal_form() -> None:
    edit = api.ProfileEdit.model_validate_json(json.dumps({"fullName": " Zoe\u0308\u202e ", "bio": "a\r\nb"}))
    assert (edit.full_name, edit.bio) == ("Zo\u00eb", "a\nb")


def test_account_with_an_old_invalid_name_can_still_be_confirmed() -> None:
    assert api.Confirm.model_validate({"username": "a..b", "code": "123456"}).username == "a..b"
