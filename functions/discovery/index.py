"""Writing the index, through opensearch-py; only the indexing consumer imports this.

Every document carries the version of what it shows (`external_gte`), so that late, repeated or reordered writes lose
against newer ones, and a delete against none but older ones.
"""

import logging
from contextlib import suppress
from functools import cache
from typing import Any

from opensearchpy import OpenSearch, Urllib3AWSV4SignerAuth, Urllib3HttpConnection
from opensearchpy.exceptions import ConflictError, NotFoundError, RequestError

from functions.discovery import mappings
from functions.discovery.mappings import KINDS, Kind
from heliograph import config

TIMEOUT_SECONDS = 5
EXISTS_ALREADY = "resource_already_exists_exception"

# The client warns of every conflict, which is our daily bread, and of every failure, which it raises as well.
logging.getLogger("opensearch").setLevel(logging.ERROR)


class IndexSettings(config.Settings):
    search_endpoint: str


def put(kind: Kind, document_id: str, document: dict[str, Any], version: int) -> None:
    """Write a document, unless a newer one or a newer delete is there."""
    parameters = {"version": version, "version_type": "external_gte", "require_alias": "true"}
    with suppress(ConflictError):
        _client().index(index=config.named(kind), id=document_id, body=document, params=parameters)


def delete(kind: Kind, document_id: str, version: int) -> None:
    """Drop a document, unless a newer one is there. The engine remembers it for a minute (`index.gc_deletes`)."""
    parameters = {"version": version, "version_type": "external_gte"}
    alias = config.named(kind)
    # A delete with an external version makes a missing index, with guessed mappings and in the alias's place.
    if _client().indices.exists_alias(name=alias):
        with suppress(ConflictError, NotFoundError):
            _client().delete(index=alias, id=document_id, params=parameters)


@cache
def _client() -> OpenSearch:
    """The client, once the indexes are there."""
    client = connect(config.read(IndexSettings).search_endpoint)
    for kind in KINDS:
        create(client, kind)
    return client


def connect(endpoint: str) -> OpenSearch:
    """A client for an endpoint; requests to AWS (https) are signed."""
    auth = None
    if endpoint.startswith("https://"):
        from botocore.session import Session  # noqa: PLC0415  (the local cloud does without)

        region = config.read(config.Deployment).aws_region
        auth = Urllib3AWSV4SignerAuth(Session().get_credentials(), region, "es")
    return OpenSearch(
        hosts=[endpoint],
        http_auth=auth,
        connection_class=Urllib3HttpConnection,
        timeout=TIMEOUT_SECONDS,
        max_retries=2,
    )


def create(client: OpenSearch, kind: Kind) -> None:
    """Make the index of a kind with its alias, unless it is there. Two may try at once."""
    alias = config.named(kind)
    if client.indices.exists_alias(name=alias):
        return
    body = {**mappings.definition(kind), "aliases": {alias: {}}}
    try:
        client.indices.create(index=f"{alias}-v{mappings.VERSION}", body=body)
    except RequestError as error:
        if error.error != EXISTS_ALREADY:
            raise
