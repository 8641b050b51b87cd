"""`POST /predict` from the parsed request to its micro-batch and back to the socket, with no ASGI between.

A task, a scope, events and messages for each request cost three times what is left here. Only plain
requests come this way: HTTP/1.1, kept open, a body of a stated length, no other request of the same
connection unanswered. Everything else takes the route of the framework, which is authorized by the same
function, passes the same middleware and has the same core behind it.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final, Protocol

import msgspec

from serving.access.authorization import Authorizer
from serving.access.route_access import RouteAccess
from serving.errors import RequestRefused
from serving.http.context import caller_of
from serving.http.media_types import is_json
from serving.http.middleware import Headers, Middleware
from serving.inference.batcher import Predictor
from serving.observability.logs import REQUEST_ID
from serving.payloads import parsing, problems
from serving.payloads.parsing import MAX_BODY_BYTES

PATH: Final = "/predict"
METHOD: Final = "POST"
EXPLAIN: Final[Mapping[bytes, bool]] = {b"/predict": False, b"/predict?explain=true": True}
"""The addresses that are served here, and whether they ask for an explanation."""

_NOT_PLAIN: Final = frozenset(
    {b"transfer-encoding", b"expect", b"content-encoding", b"origin", b"sec-fetch-site"}
)
_JSON: Final = b"application/json"


class Connection(Protocol):
    """The connection that a request came by."""

    def peer(self) -> str | None:
        """The address at the other end."""

    def common_headers(self) -> list[tuple[bytes, bytes]]:
        """What the server adds to every answer; the same list until it changes."""

    def deliver(self, answer: bytes, *, last: bool) -> None:
        """Send an answer and go on with the next request, or close after the last."""


class _NobodyWaits:
    def set(self) -> None:
        """Nothing: where an ASGI task would wait for the body, the parser calls."""


class FastPathRequest:
    """A request on the fast path. To uvicorn it is the cycle of its connection."""

    __slots__ = (
        "body",
        "connection",
        "context",
        "disconnected",
        "explain",
        "fast_path",
        "keep_alive",
        "response_complete",
    )

    response_started = False
    message_event = _NobodyWaits()

    def __init__(
        self, fast_path: FastPath, connection: Connection, headers: Mapping[bytes, bytes], *, explain: bool
    ) -> None:
        self.fast_path = fast_path
        self.connection = connection
        self.explain = explain
        self.context = fast_path.middleware.open(headers, connection.peer())
        self.body = bytearray()
        self.keep_alive = True
        self.disconnected = False
        self.response_complete = False

    def complete(self) -> None:
        """The body is here whole: have it priced, or refuse it."""
        self.fast_path.take(self)

    def answer(self, body: bytes) -> None:
        self._respond(200, self.fast_path.head(self.connection.common_headers()), body)

    def refuse(self, error: Exception) -> None:
        problem = problems.of_error(error, self.context.request_id)
        own = problems.headers_of(error) if isinstance(error, RequestRefused) else []
        media_type = (b"content-type", problems.MEDIA_TYPE.encode())
        headers = [*self.connection.common_headers(), media_type, *own, *self.fast_path.middleware.headers]
        self._respond(problem.status, rendered(problem.status, headers), msgspec.json.encode(problem))

    def _respond(self, status: int, head: bytes, body: bytes) -> None:
        if self.response_complete:
            return
        self.response_complete = True
        self.context.status = status
        ends = b"" if self.keep_alive else b"connection: close\r\n"
        correlation_id = self.context.correlation_id.encode()
        answer = b"%bcontent-length: %d\r\n%bx-request-id: %b\r\n\r\n%b" % (
            head,
            len(body),
            ends,
            correlation_id,
            body,
        )
        self.fast_path.middleware.close(self.context, METHOD, PATH, PATH)
        if not self.disconnected:
            self.connection.deliver(answer, last=not self.keep_alive)


class FastPath:
    """Takes plain requests from the protocol to the core. `access` is that of the route."""

    def __init__(
        self, middleware: Middleware, authorizer: Authorizer, access: RouteAccess, predictor: Predictor
    ) -> None:
        self.middleware = middleware
        self._authorizer = authorizer
        self._access = access
        self._predictor = predictor
        self._common: list[tuple[bytes, bytes]] | None = None
        self._head = b""

    def plain(self, headers: Headers) -> Mapping[bytes, bytes] | None:
        """The headers by their names, where a request with them is plain."""
        single = dict(headers)
        if len(single) != len(headers) or not _NOT_PLAIN.isdisjoint(single):
            return None
        length = single.get(b"content-length", b"")
        if not (length.isdigit() and int(length) <= MAX_BODY_BYTES):
            return None
        return single if is_json(single.get(b"content-type", _JSON)) else None

    def take(self, request: FastPathRequest) -> None:
        """Have a whole request priced, or refuse it."""
        context = request.context
        token = REQUEST_ID.set(context.correlation_id)
        try:
            context.client = self._authorizer.authorize(
                self._access, context.peer, context.headers, writes=True
            )
            wine = parsing.one_wine(bytes(request.body))
            self._predictor.ask(wine, caller_of(context), request, explain=request.explain)
        except RequestRefused as refusal:
            request.refuse(refusal)
        except Exception as error:  # noqa: BLE001 - answered and logged, as on the route of the framework
            request.refuse(error)
        finally:
            REQUEST_ID.reset(token)

    def head(self, common: list[tuple[bytes, bytes]]) -> bytes:
        """The head of an answer up to what differs from one to the next, made anew when `common` is."""
        if common is not self._common:
            headers = [*common, (b"content-type", _JSON), *self.middleware.headers]
            self._common, self._head = common, rendered(200, headers)
        return self._head


def rendered(status: int, headers: Headers) -> bytes:
    """A status line and headers, as they go over the connection."""
    line = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n".encode()
    return line + b"".join(b"%b: %b\r\n" % header for header in headers)
