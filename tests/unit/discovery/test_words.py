"""Texts as words: what is folded, where texts are taken apart, and which endings go."""

import pytest

from functions.discovery import words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Zoë ÅNGSTRÖM", ["zoe", "angstrom"], id="accents and case"),
        pytest.param("Łukasz Żółć Øre Þór Æsir", ["lukasz", "zolc", "ore", "thor", "aesir"], id="letters of their own"),
        pytest.param("Straße İstanbul", ["strasse", "istanbul"], id="sharp s, dotted capital i"),
        pytest.param("\uff26\uff55\uff4c\uff4c width", ["full", "width"], id="full-width letters"),
        pytest.param("Cafe\u0301", ["cafe"], id="decomposed"),
        pytest.param("ada.lovelace_1815", ["ada", "lovelace", "1815"], id="signs part words"),
        pytest.param("don't it\u2019s", ["dont", "its"], id="an apostrophe within a word"),
        pytest.param("l'été d\u2019Angelo", ["l", "ete", "d", "angelo"], id="an elision"),
        pytest.param("мой ёж Йога", ["мой", "еж", "йога"], id="Cyrillic: й stays"),
        pytest.param("Όλγα", ["ολγα"], id="Greek"),
        pytest.param("مُحَمَّد علي", ["محمد", "علي"], id="Arabic vowel signs"),
        pytest.param("إلى سيارة", ["الي", "سياره"], id="Arabic letters typed in haste"),
        pytest.param("नमस्ते", ["नमस्ते"], id="Devanagari marks stay"),
        pytest.param("東京タ", ["東", "東京", "京", "京タ", "タ"], id="without spaces: characters and pairs"),
        pytest.param("が", ["が"], id="kana marks stay"),
        pytest.param("서울", ["서", "서울", "울"], id="Hangul"),
        pytest.param("photo東", ["photo", "東"], id="two scripts in one"),
        pytest.param("🌅🌊 sea", ["🌅", "🌊", "sea"], id="emoji"),
        pytest.param("👍🏽 ❤\ufe0f", ["👍", "❤"], id="however they are drawn"),
        pytest.param("👨\u200d👩\u200d👧🇪🇸🇫🇷", ["👨\u200d👩\u200d👧", "🇪🇸", "🇫🇷"], id="families and flags"),
        pytest.param("?!… -", [], id="signs alone"),
    ],
)
def test_the_words_of_a_text(text, expected):
    assert words.of(text) == expected


def test_a_run_without_spaces_is_searched_by_its_pairs():
    assert words.typed("東京タワー photo") == ["東京", "京タ", "タワ", "ワー", "photo"]
    assert words.typed("夕") == ["夕"]


@pytest.mark.parametrize("text", ["東京タワーの夕焼け", "l'été 🌅 don't", "ไปเที่ยวทะเล", "서울의 밤"])
def test_text_matches_a_search_for_its_own_words(text):
    assert set(words.typed(text)) <= set(words.of(text))


@pytest.mark.parametrize("text", ["Grace Hopper", "grace.hopper", "GraceHopper", "grace-hopper!"])
def test_a_name_as_one_word(text):
    assert words.joined(text) == "gracehopper"


@pytest.mark.parametrize(
    "forms",
    [
        ("sunset", "sunsets"),
        ("hike", "hikes", "hiking", "hiked"),
        ("story", "stories"),
        ("run", "runs", "running"),
        ("playa", "playas"),
        ("flor", "flores"),
        ("blume", "blumen"),
        ("montagne", "montagnes"),
        ("москва", "москвы", "москве"),
        ("закат", "закаты", "закатов"),
        ("θαλασσα", "θαλασσεσ"),
        ("بحر", "البحر"),
    ],
)
def test_forms_of_a_word_have_one_stem(forms):
    assert len({words.stem(form) for form in forms}) == 1


@pytest.mark.parametrize("word", ["sun", "5pm", "🌅", "東京", "bus"])
def test_short_and_foreign_words_are_their_own_stem(word):
    assert words.stem(word) == word
