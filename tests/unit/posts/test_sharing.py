"""What the rest of the world sees of a post: which, under which address, and that nothing in it can do harm."""

import html
import json
import re
import uuid
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.accounts import service as accounts
from functions.accounts.service import Profile
from functions.media import service as media_service
from functions.media.service import MediaView, Rendition
from functions.posts import sharing, sharing_page, shortcodes, store
from functions.posts.api import handler
from functions.posts.model import Post
from heliograph import config
from tests.unit.feed.samples import ANNA, POST, post, profile
from tests.unit.posts.test_post_rules import medium
from tests.unit.requests import request

SITE = "https://api.example.org/prod"
CODE = shortcodes.of(POST)
HOSTILE = "\"><script>alert(1)</script><img src=x onerror=alert(1)> ' {{7*7}} &amp; </title></p>"
MEDIUM = medium(
    media_id="m1",
    renditions=tuple(
        Rendition(name, width, width // 2, f"image/{kind}", 1, f"m/m1/2/{name}.{kind}")
        for name, width in (("thumb", 150), ("w320", 320), ("w1080", 1080))
        for kind in ("jpeg", "webp")
    ),
    alt_text="A bay",
)

Get = Callable[..., dict[str, Any]]
Public = Callable[..., None]


@pytest.fixture(autouse=True)
def _site(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("SITE_URL", SITE)
    config.forget()
    monkeypatch.setattr(sharing.media_service, "views", lambda media_ids: {"m1": shown(MEDIUM)})
    yield
    config.forget()


def shown(media: Any, **changes: Any) -> MediaView:
    return media_service.present(media).model_copy(update=changes)


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> Public:
    """A post of Anna's."""

    def there(post_changes: dict[str, Any] | None = None, **author: Any) -> None:
        one: Post = post(**{"media_ids": ("m1",), "caption": "Dusk"} | (post_changes or {}))
        anna: Profile = profile(ANNA, **author)
        monkeypatch.setattr(store, "post", {POST: one}.get)
        monkeypatch.setattr(accounts, "profiles", lambda user_ids: {ANNA: anna})

    return there


@pytest.fixture
def get(context: Any) -> Get:
    """Somebody without an account asks."""
    return lambda path, **query: handler(request("GET", path, query=query), context)


def header(answer: dict[str, Any], name: str) -> str:
    return answer["multiValueHeaders"][name][0]


# --- Short codes ----------------------------------------------------------------------------------------------------


@given(st.uuids())
def test_short_code_encodes_its_post(number: uuid.UUID) -> None:
    code = shortcodes.of(str(number))

    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", code)
    assert shortcodes.post_id(code) == str(number)


@given(st.text(max_size=30) | st.text("AQgw-_=+/ %", min_size=20, max_size=24))
def test_other_text_is_no_short_code(text: str) -> None:
    known = shortcodes.post_id(text)

    assert known is None or shortcodes.of(known) == text


# --- Which posts ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("post_changes", "author"),
    [
        ({}, {"is_private": True}),
        ({}, {"is_deactivated": True}),
        ({"audience": "closeFriends"}, {}),
        ({"is_archived": True}, {}),
        ({"status": "processing"}, {}),
        ({"status": "failed"}, {}),
    ],
)
def test_non_public_post_is_not_found(
    there: Public, get: Get, post_changes: dict[str, Any], author: dict[str, Any]
) -> None:
    there(post_changes, **author)
    other = shortcodes.of(str(uuid.uuid4()))

    for path in ("/p/{}", "/p/{}/w320"):
        hidden, absent, nonsense = (get(path.format(code)) for code in (CODE, other, "nonsense"))
        assert hidden["statusCode"] == 404
        if path == "/p/{}":
            assert hidden["body"] == absent["body"] == nonsense["body"]
            assert header(hidden, "Content-Type").startswith("text/html")
    assert get("/oembed", url=f"{SITE}/p/{CODE}")["statusCode"] == 404


def test_a_public_post_has_a_page(there: Public, get: Get) -> None:
    there()

    answer = get(f"/p/{CODE}")

    assert answer["statusCode"] == 200
    assert header(answer, "Content-Type") == "text/html; charset=utf-8"
    assert header(answer, "Cache-Control") == "public, max-age=60"
    assert header(answer, "X-Content-Type-Options") == "nosniff"
    policy = header(answer, "Content-Security-Policy")
    assert policy.startswith("default-src 'none'; ")
    assert "script" not in policy


# --- The page -------------------------------------------------------------------------------------------------------


class Elements(HTMLParser):
    """What a browser makes of a page: its elements, and the words between them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data

    def meta(self, name: str) -> str | None:
        return next(
            (attrs.get("content") for tag, attrs in self.found if name in (attrs.get("property"), attrs.get("name"))),
            None,
        )

    def link(self, rel: str) -> str | None:
        return next((attrs.get("href") for _, attrs in self.found if attrs.get("rel") == rel), None)


def test_the_page_tells_others_how_to_show_it(there: Public, get: Get) -> None:
    there({"caption": "Dusk over the bay"})

    page = Elements(get(f"/p/{CODE}")["body"])

    url = f"{SITE}/p/{CODE}"
    assert page.link("canonical") == page.meta("og:url") == url
    assert page.meta("og:title") == page.meta("twitter:title") == "Anna Berg (@anna.berg) on Heliograph"
    assert page.meta("og:description") == "Dusk over the bay"
    assert page.meta("twitter:card") == "summary_large_image"
    # An address that does not end, unlike that of the picture itself.
    assert page.meta("og:image") == page.meta("twitter:image") == f"{url}/w1080"
    assert (page.meta("og:image:width"), page.meta("og:image:height")) == ("1080", "540")
    assert page.meta("og:image:alt") == "A bay"
    discovery = urlsplit(page.link("alternate") or "")
    assert (discovery.path, parse_qs(discovery.query)) == ("/prod/oembed", {"url": [url]})


@pytest.mark.parametrize("place", ["caption", "name", "alt"])
def test_user_text_is_escaped(monkeypatch: pytest.MonkeyPatch, there: Public, get: Get, place: str) -> None:
    # Given somebody who writes markup wherever they can
    there({"caption": HOSTILE if place == "caption" else ""}, full_name=HOSTILE if place == "name" else "Anna")
    alt_text = HOSTILE if place == "alt" else "A bay"
    monkeypatch.setattr(sharing.media_service, "views", lambda media_ids: {"m1": shown(MEDIUM, alt_text=alt_text)})
    plain = Elements(get(f"/p/{CODE}")["body"])
    # When
    text = get(f"/p/{CODE}")["body"]
    page = Elements(text)
    # Then it is the same page with other words
    assert {tag for tag, _ in page.found} == {
        "html", "head", "meta", "title", "link", "style", "body", "h1", "img", "p",
    }  # fmt: skip
    assert [tag for tag, _ in page.found] == [tag for tag, _ in plain.found]
    assert not [name for _, attributes in page.found for name in attributes if name.startswith("on")]
    assert HOSTILE in (page.words + (page.meta("og:image:alt") or ""))
    assert "<script" not in text


@given(st.text(max_size=80))
def test_any_caption_is_read_back_as_it_was_written(caption: str) -> None:
    caption = caption.replace("\r", "").replace("\0", "")
    seen = sharing.SharedPost(post(caption=caption), profile(), f"{SITE}/p/{CODE}", "image", "", ())

    text = sharing_page.page(seen)

    assert f'<p dir="auto">{html.escape(caption)}</p>' in text
    assert text.count("<p ") == 1


def test_a_picture_that_may_disturb_is_not_shown(monkeypatch: pytest.MonkeyPatch, there: Public, get: Get) -> None:
    there()
    monkeypatch.setattr(sharing.media_service, "views", lambda media_ids: {"m1": shown(MEDIUM, sensitive=True)})

    page = Elements(get(f"/p/{CODE}")["body"])

    assert (page.meta("og:image"), page.meta("twitter:card")) == (None, "summary")
    assert get(f"/p/{CODE}/w320")["statusCode"] == 404
    assert json.loads(get("/oembed", url=f"{SITE}/p/{CODE}")["body"])["type"] == "link"


# --- Pictures, oEmbed -----------------------------------------------------------------------------------------------


def test_shared_picture_url_is_temporary(there: Public, get: Get) -> None:
    there()

    answer = get(f"/p/{CODE}/w320")

    assert answer["statusCode"] == 302
    assert "m/m1/2/w320.jpeg" in header(answer, "Location")
    assert header(answer, "Cache-Control") == "public, max-age=60"
    assert get(f"/p/{CODE}/w9999")["statusCode"] == 404


@pytest.mark.parametrize(
    ("most", "width"),
    [
        ({}, 1080),
        ({"maxwidth": "1079"}, 320),
        ({"maxheight": "160"}, 320),
        ({"maxwidth": "2000", "maxheight": "100"}, 150),
        ({"maxwidth": "10"}, None),
    ],
)
def test_an_embedded_photo_fits(there: Public, get: Get, most: dict[str, str], width: int | None) -> None:
    there()

    answer = get("/oembed", url=f"{SITE}/p/{CODE}?utm_source=elsewhere", **most)

    told = json.loads(answer["body"])
    assert (told["version"], told["author_name"], told["provider_name"]) == ("1.0", "anna.berg", "Heliograph")
    if width is None:
        assert told["type"] == "link"
    else:
        assert (told["type"], told["width"], told["height"]) == ("photo", width, width // 2)
        assert told["url"].startswith(f"{SITE}/p/{CODE}/")


def test_an_embedded_video_is_a_link_with_its_poster(monkeypatch: pytest.MonkeyPatch, there: Public, get: Get) -> None:
    there()
    monkeypatch.setattr(sharing.media_service, "views", lambda media_ids: {"m1": shown(MEDIUM, media_type="video")})

    told = json.loads(get("/oembed", url=f"{SITE}/p/{CODE}")["body"])

    assert (told["type"], told["thumbnail_url"], told["thumbnail_width"]) == ("link", f"{SITE}/p/{CODE}/w1080", 1080)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"url": f"https://elsewhere.example/p/{CODE}"}, 404),
        ({"url": f"{SITE}/p/{CODE}/w320"}, 404),
        ({"url": f"{SITE}/p/{CODE}", "format": "xml"}, 501),
        ({"url": f"{SITE}/p/{CODE}", "format": "yaml"}, 422),
        ({"url": f"{SITE}/p/{CODE}", "maxwidth": "0"}, 422),
        ({}, 422),
        ({"url": f"{SITE}/p/{CODE}", "format": "json"}, 200),
    ],
)
def test_oembed_refuses_other_urls_and_formats(there: Public, get: Get, query: dict[str, str], status: int) -> None:
    there()

    assert get("/oembed", **query)["statusCode"] == status
