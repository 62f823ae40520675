"""Hashtags and mentions: what counts as one, in which form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.posts import text
from heliograph.errors import Invalid


@pytest.mark.parametrize(
    ("caption", "tags"),
    [
        ("", ()),
        ("no tags, 100 % #", ()),
        ("#sunset at the #sea.", ("sunset", "sea")),
        ("#Sunset #SUNSET #sunset", ("sunset",)),
        ("#b #a #b", ("b", "a")),
        ("#a#b##c", ("a", "b", "c")),
        ("issue#5 and page.html#top", ()),
        ("(#brackets), 'quoted #tag'!", ("brackets", "tag")),
        ("#two_words #1st #2026 #_ #20_26 #٢٠٢٦", ("two_words", "1st")),
        ("#STRASSE #straße", ("strasse",)),
        ("#Zu\u0308rich #Z\u00fcrich", ("z\u00fcrich",)),
        ("#हिन्दी #日本語 \uff03東京", ("हिन्दी", "日本語", "東京")),
        # Emoji belong to tags, however they are drawn
        ("#sun☀️ #☀️sun #☀", ("sun☀", "☀sun", "☀")),
        ("#love❤️forever #love❤forever", ("love❤forever",)),
        ("😀#grin 🍕#🍕🍕, #pizza🍕!", ("grin", "🍕🍕", "pizza🍕")),
        ("#👩‍💻 #👍🏽 #🇵🇹", ("👩‍💻", "👍🏽", "🇵🇹")),
        ("#🏴󠁧󠁢󠁥󠁮󠁧󠁿!", ("🏴󠁧󠁢󠁥󠁮󠁧󠁿",)),
        # Keycaps are pictures of keys
        ("#️⃣ #️⃣tag #day1️⃣ #1️⃣", ("day",)),
        # Scripts of all directions, with their marks and joiners
        ("#café #café #naïve", ("café", "naïve")),
        ("#مرحبا #שלום #می‌خواهم", ("مرحبا", "שלום", "می‌خواهم")),
        ("#ශ්‍රී #தமிழ் #ไทย", ("ශ්‍රී", "தமிழ்", "ไทย")),
        ("#서울, 、#東京。#大阪", ("서울", "東京", "大阪")),
        ("#sea‍ #́a", ("sea",)),
        ("﹟small \uff03wide", ("small", "wide")),
        # A tag ends where its word ends
        ("#sunset... #sea-side #rock'n'roll #c++ #a.b #x\u2019s", ("sunset", "sea", "rock", "c", "a", "x")),
        # An address, an entity, a price
        ("https://example.org/#top &#39; #1 #100%", ()),
        ("#" + "a" * 100 + " #" + "b" * 101, ("a" * 100,)),
    ],
)
def test_hashtags_are_extracted(caption: str, tags: tuple[str, ...]) -> None:
    assert text.hashtags(caption) == tags


@given(st.text(max_size=60))
def test_a_tag_is_its_own_normal_form_and_is_found_again(caption: str) -> None:
    for tag in text.hashtags(caption):
        assert text.normalised(tag) == tag
        assert text.hashtags(f"#{tag}") == (tag,)


@pytest.mark.parametrize(
    ("caption", "names"),
    [
        ("with @ben and @Ada.Lovelace.", ("ben", "ada.lovelace")),
        ("@ben @BEN", ("ben",)),
        ("@benさん、ありがとう@cleo \uff20dora", ("ben", "cleo", "dora")),
        ("@ben님과 @cleo에게", ("ben", "cleo")),
        ("@andré @andé é@ben @\u0431\u0435\u043d @ben\u0430", ()),
        ("@ben@elsewhere.example https://example.org/@ben", ()),
        ("😀@ben😀 \u200f@cleo،", ("ben", "cleo")),
        ("write to me@example.org", ()),
        ("@ab is too short, @" + "a" * 31 + " too long, @ nobody", ()),
        ("(@ben), @ben_2: '@x_y'", ("ben", "ben_2", "x_y")),
        ("@münchen @benü", ()),
    ],
)
def test_mentions_are_extracted(caption: str, names: tuple[str, ...]) -> None:
    assert text.mentions(caption) == names


@pytest.mark.parametrize(("sign", "most"), [("#tag", text.MAX_HASHTAGS), ("@user", text.MAX_MENTIONS)])
def test_caption_has_limits_for_hashtags_and_mentions(sign: str, most: int) -> None:
    caption = " ".join(f"{sign}{number}" for number in range(most))

    assert len(text.read(caption).hashtags + text.read(caption).usernames) == most
    with pytest.raises(Invalid) as refused:
        text.read(f"{caption} {sign}_more")
    assert refused.value.errors[0].field == "caption"


@pytest.mark.parametrize(
    ("caption", "left"),
    [
        ("With @ada at dusk", "With somebody at dusk"),
        ("@Ada, @ADA. (@ada)", "somebody, somebody. (somebody)"),
        ("@adas and @ada.l and me@ada and @ben", "@adas and @ada.l and me@ada and @ben"),
        ("ada", "ada"),
    ],
)
def test_mention_is_removed_from_a_text(caption: str, left: str) -> None:
    assert text.without_mention(caption, "ada") == left
    assert "ada" not in text.mentions(left)
