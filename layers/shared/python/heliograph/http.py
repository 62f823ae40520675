"""The HTTP room of every capability: a Powertools resolver that speaks the API's conventions.

    app = http.resolver()
    PostId = Annotated[str, Path(alias="postId"), http.AN_ID]

    @app.get("/v1/posts/<postId>", tags=["posts"])
    def read_post(post_id: PostId, caller: http.SignedIn) -> PostView: ...

    handler = http.handler(app)

Expected failures are raised as `heliograph.errors`; each becomes an RFC 9457 problem. Anything else is logged and
becomes a 500 that tells nothing.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Generic, TypeVar, cast
from urllib.parse import unquote

from annotated_types import GroupedMetadata
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, CORSConfig, Request, Response
from aws_lambda_powertools.event_handler.depends import DependencyResolutionError, Depends
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.middlewares.openapi_validation import (
    OpenAPIRequestValidationMiddleware,
    OpenAPIResponseValidationMiddleware,
)
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import AfterValidator, BaseModel, ConfigDict, PlainSerializer, WithJsonSchema
from pydantic.alias_generators import to_camel

from heliograph import admission, clock, config, cursors, ids, limits, startup, tokens
from heliograph.errors import (
    DomainError,
    FieldError,
    Invalid,
    Malformed,
    NotFound,
    TooLarge,
    TooManyRequests,
    Unauthenticated,
    UnsupportedType,
)
from heliograph.observability import count, logger, metrics
from heliograph.reading import Pipeline
from heliograph.tables import Slice

T = TypeVar("T")
MAX_BODY_BYTES = 64 * 1024
# A few dozen ETags.
MAX_ETAGS = 1024
# Usernames and hashtags are no longer.
MAX_PATH_TEXT = 100
BEARER = "Bearer "
JSON = "application/json"
EXPOSED_HEADERS = ["ETag", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "Retry-After"]

Next = Callable[[APIGatewayRestResolver], Response[Any]]
Time = Annotated[datetime, PlainSerializer(clock.iso, return_type=str)]


class HttpSettings(config.Settings):
    cors_origin: str = "*"


class Body(BaseModel):
    """Base of request bodies: camelCase outside, unknown fields and other types refused."""

    # Deferred: a cold start builds the schemas of the route that is asked for, not of all.
    model_config = ConfigDict(
        alias_generator=to_camel, extra="forbid", strict=True, populate_by_name=True, defer_build=True
    )


class View(BaseModel):
    """Base of response bodies: camelCase outside, built from dataclasses of the same field names."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, from_attributes=True, defer_build=True)


class Page(View, Generic[T]):
    items: list[T]
    next_cursor: str | None


Limit = Annotated[int, Query(ge=1, le=50)]
Cursor = Annotated[str | None, Query(min_length=1, max_length=cursors.MAX_LENGTH)]


def page(listing: str, viewer_id: str, slice_: Slice[T]) -> Page[T]:
    """The answer of a list route; the cursor is bound to this listing and viewer."""
    return Page(items=slice_.items, next_cursor=cursors.seal(listing, viewer_id, slice_.next))


def read_page(listing: str, viewer_id: str, pipeline: Pipeline[Any, Any, T], limit: int, cursor: str | None) -> Page[T]:
    """One page of a pipeline, from where the cursor says. Raises Malformed for a cursor of another list or viewer."""
    return page(listing, viewer_id, pipeline.page(cursors.open_(listing, viewer_id, cursor), limit))


def _an_id(text: str) -> str:
    if not ids.well_formed(text):
        raise NotFound
    return text


def _text(text: str) -> str:
    decoded = unquote(text)
    if len(decoded) > MAX_PATH_TEXT:
        raise NotFound
    return decoded


class _AnId(GroupedMetadata):
    """What cannot be an id is simply not found."""

    def __iter__(self) -> Iterator[object]:
        yield AfterValidator(_an_id)
        yield WithJsonSchema({"type": "string", "pattern": f"^{ids.FORM.pattern}$"})


class _Text(GroupedMetadata):
    """A name in a path. It is percent-decoded here, because gateways differ in whether they did it."""

    def __iter__(self) -> Iterator[object]:
        yield AfterValidator(_text)
        yield WithJsonSchema({"type": "string", "minLength": 1, "maxLength": MAX_PATH_TEXT})


AN_ID = _AnId()
PERCENT_DECODED = _Text()


def authenticate(request: Request) -> tokens.Caller:
    """The caller that the Authorization header names. Raises Unauthenticated."""
    admitted = _admitted(request)
    if admitted is None or admitted.caller is None:
        raise Unauthenticated
    return admitted.caller


SignedIn = Annotated[tokens.Caller, Depends(authenticate)]


def subject(app: APIGatewayRestResolver) -> str:
    """The signed-in account's id, "" for an anonymous request."""
    admitted = _admitted(app)
    return admitted.caller.user_id if admitted and admitted.caller else ""


def limited(limit: limits.Limit) -> Callable[[APIGatewayRestResolver, Next], Response[Any]]:
    """Route middleware: a limit per address, for a route that is dear to us or to others."""

    def spend(app: APIGatewayRestResolver, proceed: Next) -> Response[Any]:
        admission.spend_address(limit, _address(app))
        return proceed(app)

    return spend


class _Entrance(OpenAPIRequestValidationMiddleware):
    """A request must be admitted, and its body be of a size and type that is read, before anything of it is."""

    def handler(self, app: Any, next_middleware: Any) -> Response[Any]:
        admitted = admission.admit(_caller(app.current_event.headers), _address(app))
        app.append_context(admitted=admitted)
        body = app.current_event.body
        if body and len(body.encode(errors="surrogatepass")) > MAX_BODY_BYTES:
            raise TooLarge(f"A body is at most {MAX_BODY_BYTES} bytes")
        content_type = app.current_event.headers.get("Content-Type") or JSON
        if body and content_type.partition(";")[0].strip() != JSON:
            raise UnsupportedType(f"Send {JSON}")
        validation: Any = super()  # untyped in Powertools
        response: Response[Any] = validation.handler(app, next_middleware)
        response.headers.update(_rate_headers(admitted.standing))
        return response


def _admitted(holder: Any) -> admission.Admitted | None:
    """How the request of this app, or this request, was admitted; None if it was not."""
    return holder.context.get("admitted")


def _caller(headers: dict[str, str]) -> tokens.Caller | None:
    """Who asks. None without a token, and for one that does not verify: what needs a caller refuses both alike."""
    value = headers.get("Authorization") or ""
    if not value.startswith(BEARER):
        return None
    try:
        return tokens.verify(value.removeprefix(BEARER))
    except Unauthenticated:
        return None


def _address(app: APIGatewayRestResolver) -> str:
    return app.current_event.request_context.identity.source_ip


def _rate_headers(standing: limits.Standing) -> dict[str, str]:
    return {
        "RateLimit-Limit": str(standing.limit),
        "RateLimit-Remaining": str(standing.remaining),
        "RateLimit-Reset": str(standing.reset_seconds),
    }


def resolver() -> APIGatewayRestResolver:
    """A resolver with validation, CORS and problem answers."""
    cors = CORSConfig(
        allow_origin=config.read(HttpSettings).cors_origin,
        allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "If-None-Match"],
        expose_headers=EXPOSED_HEADERS,
        max_age=600,
    )
    app = APIGatewayRestResolver(enable_validation=True, cors=cors, json_body_deserializer=_read_json)
    _enter_by(app, _Entrance())
    for error_type, as_domain_error in _FAILURES.items():
        _answer_with_problem(app, error_type, as_domain_error)
    return app


def handler(app: APIGatewayRestResolver) -> Callable[[dict[str, Any], Any], dict[str, Any]]:
    """The Lambda handler of a capability's API function."""

    @logger.inject_lambda_context(correlation_id_path="requestContext.requestId")
    @metrics.log_metrics
    def handle(event: dict[str, Any], context: Any) -> dict[str, Any]:
        answer = app.resolve(event, context)
        count("RequestsFailed" if answer["statusCode"] >= HTTPStatus.INTERNAL_SERVER_ERROR else "RequestsAnswered")
        if answer["statusCode"] in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
            answer["body"] = ""
        return answer

    startup.done()
    return handle


def _enter_by(app: Any, entrance: OpenAPIRequestValidationMiddleware) -> None:
    """Powertools validates before any middleware that can be asked for; a test sees to it that this goes first."""
    app._request_validation_middleware = entrance  # noqa: SLF001
    app._response_validation_middleware = OpenAPIResponseValidationMiddleware()  # noqa: SLF001


def _read_json(text: str) -> Any:
    """Raises JSONDecodeError also for what is JSON, but no object, or too deep or with too long a number to be read."""
    try:
        body = json.loads(text)
    except json.JSONDecodeError:
        raise
    except (RecursionError, ValueError):
        raise json.JSONDecodeError("unreadable", "", 0) from None
    # Powertools takes the first of a list for the whole.
    if not isinstance(body, dict | None):
        raise json.JSONDecodeError("not an object", "", 0)
    return cast("Any", body)


def conditional(app: APIGatewayRestResolver, proceed: Next) -> Response[Any]:
    """Route middleware: a strong ETag over the answer, and 304 for a client that has it already."""
    known = app.current_event.headers.get("If-None-Match") or ""
    if len(known) > MAX_ETAGS:
        raise Invalid.field("If-None-Match", f"at most {MAX_ETAGS} characters")
    response = proceed(app)
    if response.status_code != HTTPStatus.OK:
        return response
    digest = hashlib.sha256(json.dumps(response.body, sort_keys=True, default=str).encode()).digest()[:16]
    etag = f'"{base64.urlsafe_b64encode(digest).decode().rstrip("=")}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if etag in (tag.strip().removeprefix("W/") for tag in known.split(",")):
        return Response(HTTPStatus.NOT_MODIFIED, content_type=JSON, body="", headers=headers)
    response.headers.update(headers)
    return response


def _answer_with_problem(app: Any, error_type: type[Exception], as_domain_error: "Failure") -> None:
    def answer(error: Any) -> Response[str]:
        return _problem(app, as_domain_error(app, error))

    app.exception_handler(error_type)(answer)


def _expected(_app: Any, error: DomainError) -> DomainError:
    return error


def _no_route(_app: Any, _error: NotFoundError) -> DomainError:
    return NotFound("No such route")


def _invalid(app: Any, error: RequestValidationError) -> DomainError:
    """Who is not signed in learns that first, whatever else is wrong with the request."""
    dependencies = app.context["_route"].dependant.dependencies
    for_callers = any(dependency.depends.dependency is authenticate for dependency in dependencies)
    if for_callers and not subject(app):
        return Unauthenticated()
    errors = error.errors()
    if any(item["type"] == "json_invalid" for item in errors):
        return Malformed("The body is not a JSON object")
    return Invalid(*(FieldError(_field(item["loc"]), item["msg"]) for item in errors))


def _field(location: tuple[Any, ...]) -> str:
    """`("body", "media", 0, "mediaId")` -> `media.0.mediaId`."""
    return ".".join(str(part) for part in location[1:]) or str(location[0])


def _cause(app: Any, error: DependencyResolutionError) -> DomainError:
    return error.__cause__ if isinstance(error.__cause__, DomainError) else _unexpected(app, error)


def _unexpected(_app: Any, error: Exception) -> DomainError:
    logger.exception("unexpected failure", exc_info=error)
    return DomainError()


Failure = Callable[[Any, Any], DomainError]
_FAILURES: dict[type[Exception], Failure] = {
    DomainError: _expected,
    RequestValidationError: _invalid,
    DependencyResolutionError: _cause,
    NotFoundError: _no_route,
    Exception: _unexpected,
}


def _problem(app: APIGatewayRestResolver, error: DomainError) -> Response[str]:
    """RFC 9457: `type` is about:blank, so `title` is the status in words and `detail` says what happened."""
    event = app.current_event
    problem: dict[str, Any] = {
        "type": "about:blank",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "instance": event.path,
        "requestId": event.request_context.request_id,
    }
    if isinstance(error, Invalid):
        problem["errors"] = [{"field": item.field, "message": item.message} for item in error.errors]
    return Response(
        error.status,
        content_type="application/problem+json",
        body=json.dumps(problem),
        headers=_problem_headers(app, error),
    )


def _problem_headers(app: APIGatewayRestResolver, error: DomainError) -> dict[str, str]:
    admitted = _admitted(app)
    standing = error.standing if isinstance(error, limits.Exhausted) else admitted and admitted.standing
    return {
        **(_rate_headers(standing) if standing else {}),
        **({"Retry-After": str(error.retry_after)} if isinstance(error, TooManyRequests) else {}),
        **({"WWW-Authenticate": BEARER.strip()} if isinstance(error, Unauthenticated) else {}),
    }
