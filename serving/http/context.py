"""One request and its answer, as the middleware sees them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Final, cast

from litestar.types import Message, Scope, Send

KEY: Final = "wine.context"
"""Where a scope carries its context."""

Headers = list[tuple[bytes, bytes]]


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
    """Completes an answer's headers on its way out, and notes its status."""

    __slots__ = ("_context", "_headers", "_send")

    def __init__(self, send: Send, context: RequestContext, headers: Headers) -> None:
        self._send = send
        self._context = context
        self._headers = headers

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._context.status = message["status"]
            request_id = (b"x-request-id", self._context.correlation_id.encode("latin-1"))
            message["headers"] = [*message["headers"], *self._headers, request_id]
        await self._send(message)


def of(scope: Scope) -> RequestContext:
    """The context that a scope belongs to."""
    return cast("Mapping[str, RequestContext]", scope)[KEY]
