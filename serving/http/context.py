"""One request and its answer, as the middleware sees them."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Final, cast

from litestar.types import Message, Scope, Send

from serving.inference.answers import Caller

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
    """Completes an answer's headers on its way out, notes its status, and leaves out what the client has.

    An answer that may be kept (`Cache-Control`) gets an entity tag, and 304 where the client names that tag.
    """

    __slots__ = ("_context", "_headers", "_send", "_start", "_with_body")

    def __init__(self, send: Send, context: RequestContext, headers: Headers, *, with_body: bool) -> None:
        self._context = context
        self._headers = headers
        self._send = send
        self._start: Message | None = None
        self._with_body = with_body

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._context.status = message["status"]
            request_id = (b"x-request-id", self._context.correlation_id.encode("latin-1"))
            message["headers"] = [*message["headers"], *self._headers, request_id]
            if _may_be_kept(message["status"], message["headers"]):
                self._start = message
                return
        elif message["type"] == "http.response.body":
            await self._tag(message.get("body", b""), is_whole=not message.get("more_body", False))
            if not self._with_body:
                message["body"] = b""
        await self._send(message)

    async def _tag(self, body: bytes, *, is_whole: bool) -> None:
        """Send the start of an answer that was kept back until its body was known."""
        start, self._start = self._start, None
        if start is None or start["type"] != "http.response.start":
            return
        if is_whole:
            tag = b'"%b"' % hashlib.sha256(body).hexdigest()[:24].encode()
            start["headers"] = [*start["headers"], (b"etag", tag)]
            if self._knows(tag):
                self._with_body = False
                self._context.status = start["status"] = HTTPStatus.NOT_MODIFIED.value
                start["headers"] = [header for header in start["headers"] if header[0] not in _OF_THE_BODY]
        await self._send(start)

    def _knows(self, tag: bytes) -> bool:
        """Whether the client has what is tagged so (RFC 9110, 13.1.2: a weak comparison)."""
        known = self._context.headers.get(b"if-none-match", b"")
        tags = {entry.strip().removeprefix(b"W/") for entry in known.split(b",")}
        return tag in tags or known.strip() == b"*"


def _may_be_kept(status: int, headers: Iterable[tuple[bytes, bytes]]) -> bool:
    kept = dict(headers).get(b"cache-control", b"no-store")
    return status == HTTPStatus.OK and b"no-store" not in kept


def of(scope: Scope) -> RequestContext:
    """The context that a scope belongs to."""
    return cast("Mapping[str, RequestContext]", scope)[KEY]


def caller_of(context: RequestContext) -> Caller:
    """Who asks, as the core and the log know it."""
    return Caller(context.client, context.request_id, context.started)
