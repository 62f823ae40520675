"""The CDN: what its edge lets through. The distribution stands in every local cloud that has one."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx
import pytest

from heliograph import media_urls
from local.client import Client, wait_until
from local.clouds.emulator import Feature
from local.instance import NAMESPACE, Endpoints
from tests.integration.behind import PHOTO, Aws

pytestmark = pytest.mark.needs(Feature.CDN)


@dataclass(frozen=True)
class Edge:
    """The distribution, called by its name, and the secret that it checks tokens with."""

    url: str
    host: str
    secret: bytes

    def get(self, path: str, expires: int, token: str) -> httpx.Response:
        return httpx.get(
            f"{self.url}{path}", params={"e": expires, "t": token}, headers={"Host": self.host}, trust_env=False
        )


@pytest.fixture(scope="module")
def edge(aws: Aws, endpoints: Endpoints) -> Edge:
    distribution = aws("cloudfront").list_distributions()["DistributionList"]["Items"][0]
    secret = aws("secretsmanager").get_secret_value(SecretId=f"{NAMESPACE}-media-secret")["SecretString"]
    return Edge(endpoints.aws_endpoint, distribution["DomainName"], secret.encode())


@pytest.fixture(scope="module")
def path(join: Callable[[str], Client]) -> str:
    """A rendition's path on the CDN."""
    owner = join("olga")
    media_id = owner.upload(PHOTO)

    def rendition() -> str | None:
        renditions = owner.get(f"/media/{media_id}")["renditions"]
        return renditions[0]["url"] if renditions else None

    presigned = urlsplit(wait_until(rendition, what="a rendition")).path
    return "/" + presigned.split("/", 2)[2]


def test_valid_token_opens_its_path(edge: Edge, path: str) -> None:
    expires = int(time.time()) + 60
    answer = edge.get(path, expires, media_urls.token(edge.secret, path, expires))
    assert (answer.status_code, answer.headers["Content-Type"].partition("/")[0]) == (200, "image")


def test_invalid_token_is_refused(edge: Edge, path: str) -> None:
    soon, past = int(time.time()) + 60, int(time.time()) - 60
    good = media_urls.token(edge.secret, path, soon)
    refused = {
        "none": (path, soon, ""),
        "tampered": (path, soon, good[:-2] + ("AA" if good[-2:] != "AA" else "BB")),
        "of another time": (path, soon + 3600, good),
        "of another path": (path.replace("/m/", "/originals/"), soon, good),
        "expired": (path, past, media_urls.token(edge.secret, path, past)),
        "of another secret": (path, soon, media_urls.token(b"guessed", path, soon)),
    }
    assert {name: edge.get(*request).status_code for name, request in refused.items()} == dict.fromkeys(refused, 403)
