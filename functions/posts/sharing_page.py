"""The page of a shared post, as HTML with Open Graph, a Twitter card and oEmbed discovery. Pure.

Whatever people wrote is escaped where it is put in; and were something forgotten, the page's policy lets nothing run.
"""

import base64
import hashlib
from html import escape
from urllib.parse import urlsplit

from functions.posts import sharing
from functions.posts.sharing import KEPT_SECONDS, PROVIDER, SharedPost

CONTENT_TYPE = "text/html; charset=utf-8"
DESCRIPTION_LENGTH = 200
STYLE = (
    "body{margin:2rem auto;max-width:40rem;padding:0 1rem;font:1rem/1.5 system-ui,sans-serif}"
    "img{max-width:100%;height:auto}p{white-space:pre-wrap;overflow-wrap:anywhere}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()


def page(shared: SharedPost) -> str:
    """The page of a public post."""
    picture = shared.pictures[0] if shared.pictures else None
    description = shared.post.caption[:DESCRIPTION_LENGTH]
    properties = {
        "og:site_name": PROVIDER,
        "og:type": "article",
        "og:title": shared.title,
        "og:description": description,
        "og:url": shared.url,
    }
    names = {
        "description": description,
        "twitter:card": "summary_large_image" if picture else "summary",
        "twitter:title": shared.title,
        "twitter:description": description,
    }
    shown = ""
    if picture:
        properties |= {
            "og:image": picture.url,
            "og:image:type": "image/jpeg",
            "og:image:width": str(picture.width),
            "og:image:height": str(picture.height),
            "og:image:alt": shared.alt_text,
        }
        names |= {"twitter:image": picture.url, "twitter:image:alt": shared.alt_text}
        shown = (
            f'<img src="{escape(picture.signed_url)}" width="{picture.width}" height="{picture.height}" '
            f'alt="{escape(shared.alt_text)}">\n'
        )
    tags = [f'<meta property="{name}" content="{escape(value)}">' for name, value in properties.items()]
    tags += [f'<meta name="{name}" content="{escape(value)}">' for name, value in names.items()]
    tags.append(f'<link rel="canonical" href="{escape(shared.url)}">')
    tags.append(
        f'<link rel="alternate" type="application/json+oembed" href="{escape(sharing.embed_url(shared.url))}" '
        f'title="{escape(shared.title)}">'
    )
    body = f'<h1 dir="auto">{escape(shared.title)}</h1>\n{shown}<p dir="auto">{escape(shared.post.caption)}</p>'
    return _document(shared.title, "\n".join(tags), body)


def missing_page() -> str:
    """For what is not there, or not for all: always the same."""
    body = "<h1>Nothing here</h1>\n<p>This post does not exist, or is not for everybody.</p>"
    return _document(f"Not found on {PROVIDER}", '<meta name="robots" content="noindex">', body)


def headers(shared: SharedPost | None = None) -> dict[str, str]:
    """What a page may do, and how long it may be kept. Pictures come from where this page's picture is, if any."""
    images = ""
    if shared and shared.pictures:
        source = urlsplit(shared.pictures[0].signed_url)
        images = f"img-src {source.scheme}://{source.netloc}; "
    return {
        "Content-Security-Policy": (
            f"default-src 'none'; {images}style-src 'sha256-{_STYLE_HASH}'; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        ),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "Cache-Control": f"public, max-age={KEPT_SECONDS}",
    }


def _document(title: str, tags: str, body: str) -> str:
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n{tags}\n<style>{STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )
