"""`Idempotency-Key` on POST: the same key and body replays the first answer for a day; another body is a conflict."""

import hashlib
import json
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response

from heliograph import config, http
from heliograph.errors import Conflict, Invalid

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer

DAY_SECONDS = 24 * 3600
MAX_KEY_LENGTH = 255


def replay(app: APIGatewayRestResolver, proceed: http.Next) -> Response[Any]:
    """Route middleware for every POST that creates. Without the header it does nothing, and costs nothing.

    The key belongs to one account and one route. Failures are not kept: the same key may try again.
    """
    event = app.current_event
    key = event.headers.get("Idempotency-Key")
    if not key:
        return proceed(app)
    if len(key) > MAX_KEY_LENGTH:
        raise Invalid.field("Idempotency-Key", f"at most {MAX_KEY_LENGTH} characters")
    scope = hashlib.sha256(json.dumps([http.subject(app), event.http_method, event.path, key]).encode()).hexdigest()

    def answer() -> dict[str, Any]:
        response = proceed(app)
        return {"status": response.status_code, "body": response.body}

    kept = _once({"scope": scope, "body": event.body or ""}, answer, app.lambda_context)
    return Response(kept["status"], content_type="application/json", body=kept["body"])


def _once(request: dict[str, str], answer: Callable[[], dict[str, Any]], context: Any) -> dict[str, Any]:
    # Imported here: the utility loads boto3, and most requests bring no key.
    from aws_lambda_powertools.utilities.idempotency import (  # noqa: PLC0415
        IdempotencyConfig,
        exceptions,
        idempotent_function,
    )

    settings = IdempotencyConfig(
        event_key_jmespath="scope",
        payload_validation_jmespath="body",
        expires_after_seconds=DAY_SECONDS,
        lambda_context=context,
    )

    @idempotent_function(data_keyword_argument="request", persistence_store=_table(), config=settings)
    def first_answer(request: dict[str, str]) -> dict[str, Any]:  # noqa: ARG001  (the utility reads it)
        return answer()

    try:
        return first_answer(request=request)
    except exceptions.IdempotencyValidationError:
        raise Conflict("This Idempotency-Key was used with another body") from None
    except exceptions.IdempotencyAlreadyInProgressError:
        raise Conflict("The first request with this Idempotency-Key is still running") from None


@cache
def _table() -> "DynamoDBPersistenceLayer":
    from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer  # noqa: PLC0415

    return DynamoDBPersistenceLayer(table_name=config.named("idempotency"))
