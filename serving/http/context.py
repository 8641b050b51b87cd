"""One request and its answer, as the middleware sees them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final, cast

from litestar.types import Message, Scope, Send

KEY: Final = "wine.context"
"""Where a scope carries its context."""

Headers = list[tuple[bytes, bytes]]

_OF_THE_BODY: Final = frozenset({b"content-length", b"content-type"})


class RequestContext:
    """A request's ids, since when it is being answered, for whom, and what became of it."""

    __slots__ = ("client", "client_request_id", "headers", "peer", "request_id", "started", "status")

    def __init__(
        self,
        request_id: str,
        client_request_id: str | None,
        peer: str | None,
        headers: Mapping[bytes, bytes],
    ) -> None:
        self.request_id = request_id
        self.client_request_id = client_request_id
        self.peer = peer
        self.headers = headers
        self.client: str | None = None
        self.started = time.perf_counter()
        self.status = 0

    @property
    def correlation_id(self) -> str:
        """The id that logs and X-Request-ID carry: the client's own where it gave one."""
        return self.client_request_id or self.request_id


class Sender:
    """Completes an answer's headers on its way out, notes its status, and leaves out what the client has."""

    __slots__ = ("_context", "_headers", "_send", "_with_body")

    def __init__(self, send: Send, context: RequestContext, headers: Headers, *, with_body: bool) -> None:
        self._send = send
        self._context = context
        self._headers = headers
        self._with_body = with_body

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            request_id = (b"x-request-id", self._context.correlation_id.encode("latin-1"))
            headers = [*message["headers"], *self._headers, request_id]
            if message["status"] == HTTPStatus.OK and self._has(dict(headers).get(b"etag")):
                self._with_body = False
                message["status"] = HTTPStatus.NOT_MODIFIED.value
                headers = [header for header in headers if header[0] not in _OF_THE_BODY]
            self._context.status = message["status"]
            message["headers"] = headers
        elif not self._with_body and message["type"] == "http.response.body":
            message["body"] = b""
        await self._send(message)

    def _has(self, etag: bytes | None) -> bool:
        """Whether the client has what is tagged so (RFC 9110, 13.1.2: a weak comparison)."""
        known = self._context.headers.get(b"if-none-match")
        if etag is None or known is None:
            return False
        tags = {tag.strip().removeprefix(b"W/") for tag in known.split(b",")}
        return known.strip() == b"*" or etag.removeprefix(b"W/") in tags


def of(scope: Scope) -> RequestContext:
    """The context that a scope belongs to."""
    return cast("Mapping[str, RequestContext]", scope)[KEY]
