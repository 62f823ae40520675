"""HTTP for a platform in this process: API Gateway is played here, requests to S3 are passed on to the emulator."""

import http.client
import re
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import RLock, Thread
from typing import Any
from urllib.parse import parse_qs, quote_plus, unquote, urlsplit

from tests.process.assembly import GatewayAnswer, Route

BASE = "/_aws/execute-api/heliograph/prod"
HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"})
Headers = Sequence[tuple[str, str]]
Invoke = Callable[[str, dict[str, Any]], Any]
# Told of each object that was put into a bucket: its name, its key, and the key as S3 quotes it in events.
Uploaded = Callable[[str, str, str], None]


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Headers
    body: bytes = b""


@dataclass(frozen=True)
class Request:
    """`target`: path and query as they came."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path


@dataclass
class Gateway:
    """Routes requests to functions. Requests are served one after the other, each with all that follows from it."""

    routes: Sequence[Route]
    answers: Mapping[str, GatewayAnswer]
    invoke: Invoke
    settle: Callable[[], None]
    faults: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        # As API Gateway does: a literal part of a path goes before a parameter.
        ordered = sorted(self.routes, key=lambda route: route.path.split("{", 1)[0], reverse=True)
        self._patterns = [(route, _pattern(route.path)) for route in ordered]

    def answer(self, request: Request) -> Answer:
        path = unquote(request.path.removeprefix(BASE))
        for route, pattern in self._patterns:
            if route.method == request.method and (found := pattern.fullmatch(path)):
                if not route.function:
                    return Answer(204, list(route.headers.items()))
                return self._ask(route, _event(route, path, found.groupdict(), request))
        return self._own("MISSING_AUTHENTICATION_TOKEN")

    def _ask(self, route: Route, event: dict[str, Any]) -> Answer:
        try:
            answer = self.invoke(route.function, event)
            self.settle()
        except Exception as error:  # noqa: BLE001  (as the gateway: the client learns no more)
            self.faults.append(f"{route.function}: {type(error).__name__}: {error}")
            return self._own("INTEGRATION_FAILURE")
        many = answer.get("multiValueHeaders") or {}
        headers = [(name, value) for name, values in many.items() for value in values]
        headers += [(name, str(value)) for name, value in (answer.get("headers") or {}).items() if name not in many]
        return Answer(answer["statusCode"], headers, (answer.get("body") or "").encode())

    def _own(self, case: str) -> Answer:
        own = self.answers[case]
        body = own.body.replace("$context.requestId", str(uuid.uuid4()))
        return Answer(own.status, list(own.headers.items()), body.encode())


@dataclass(frozen=True)
class Storage:
    """The emulator's S3, of whose uploads we hear first."""

    port: int
    uploaded: Uploaded

    def answer(self, request: Request) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(request.method, request.target, request.body, dict(request.headers))
            response = connection.getresponse()
            answer = Answer(response.status, response.getheaders(), response.read())
        finally:
            connection.close()
        if request.method in ("POST", "PUT") and answer.status < 300:
            self._tell(request)
        return answer

    def _tell(self, request: Request) -> None:
        bucket, _, key = unquote(request.path).lstrip("/").partition("/")
        if request.method == "POST":
            named = re.search(rb'name="key"\r\n(?:.*\r\n)*?\r\n([^\r\n]+)', request.body)
            key = named[1].decode() if named else key
        self.uploaded(bucket, key, quote_plus(key))


@contextmanager
def served(port: int, gateway: Gateway, storage: Storage) -> Iterator[None]:
    """Listen on a port of 127.0.0.1."""
    lock = RLock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline:
                self.close_connection = True
            elif self.parse_request():
                self._respond()

        def log_message(self, format: str, *_: Any) -> None:  # noqa: A002  (the base's)
            """Silent: the platform keeps its own record."""

        def _respond(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(self.command, self.path, headers, self.rfile.read(length))
            with lock:
                answer = (gateway if request.path.startswith(BASE) else storage).answer(request)
            self.wfile.write(_message(answer, with_body=request.method != "HEAD"))

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(path)))


def _message(answer: Answer, *, with_body: bool) -> bytes:
    """In one piece: a second one would wait for the first to be acknowledged."""
    lines = [f"HTTP/1.1 {answer.status} {http.client.responses.get(answer.status, '')}"]
    lines += [f"{name}: {value}" for name, value in answer.headers if name.lower() not in HOP_BY_HOP]
    if answer.status not in (204, 304):
        lines.append(f"Content-Length: {len(answer.body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + (answer.body if with_body else b"")


def _event(route: Route, path: str, parameters: dict[str, str], request: Request) -> dict[str, Any]:
    """A REST API's proxy event."""
    query = parse_qs(urlsplit(request.target).query, keep_blank_values=True)
    request_id = str(uuid.uuid4())
    return {
        "resource": route.path,
        "path": path,
        "httpMethod": request.method,
        "headers": dict(request.headers),
        "multiValueHeaders": {name: [value] for name, value in request.headers.items()},
        "queryStringParameters": {name: values[0] for name, values in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": parameters or None,
        "stageVariables": None,
        "requestContext": {
            "accountId": "000000000000",
            "stage": "prod",
            "requestId": request_id,
            "extendedRequestId": request_id,
            "requestTimeEpoch": int(time.time() * 1000),
            "path": f"/prod{path}",
            "protocol": "HTTP/1.1",
            "resourcePath": route.path,
            "httpMethod": request.method,
            "identity": {"sourceIp": _address(request), "userAgent": request.headers.get("user-agent", "")},
        },
        "body": request.body.decode("utf-8", "replace") if request.body else None,
        "isBase64Encoded": False,
    }


def _address(request: Request) -> str:
    return request.headers.get("x-forwarded-for", "127.0.0.1").split(",")[0].strip()
