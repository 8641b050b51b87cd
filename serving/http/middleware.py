"""The outermost layer: ids, security headers, counts and log lines, once for every request."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Mapping, Sequence
from typing import Final, cast

from litestar import Litestar
from litestar.types import (
    ASGIApp,
    HTTPScope,
    LifeSpanReceive,
    LifeSpanScope,
    LifeSpanSend,
    Receive,
    Scope,
    Send,
)

from serving.http.context import KEY, RequestContext, Sender
from serving.inference.request_ids import new_request_id
from serving.observability.counters import Counters
from serving.observability.logs import REQUEST_ID

log = logging.getLogger("serving.requests")

UNMATCHED: Final = "unmatched"
"""The route under which requests are counted that no route takes."""

Headers = Sequence[tuple[bytes, bytes]]

_CLIENT_REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9._:+/=-]{1,128}")
_SERVER_ERROR: Final = 500


class Middleware:
    """What every request passes before and after its route. Knows no route."""

    def __init__(self, *, counters: Counters, frame_ancestors: str, log_requests: bool) -> None:
        self._counters = counters
        self._log_requests = log_requests
        self.headers = security_headers(frame_ancestors)

    async def dispatch(self, app: ASGIApp, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """Have `app` answer a request."""
        client = scope["client"]
        context = self.open(combine(list(scope["headers"])), client[0] if client else None)
        cast("dict[str, RequestContext]", scope)[KEY] = context
        method, path = scope["method"], scope["path"]
        sender = Sender(send, context, self.headers, with_body=method != "HEAD")
        if method == "HEAD":
            scope = cast("HTTPScope", {**scope, "method": "GET"})
        token = REQUEST_ID.set(context.correlation_id)
        try:
            await app(scope, receive, sender.send)
        finally:
            self.close(context, method, path, scope.get("path_template") or UNMATCHED)
            REQUEST_ID.reset(token)

    def open(self, headers: Mapping[bytes, bytes], peer: str | None) -> RequestContext:
        """A new context, with the id that the client gave where it is one."""
        given = headers.get(b"x-request-id")
        known = given is not None and _CLIENT_REQUEST_ID.fullmatch(given)
        return RequestContext(new_request_id(), known[0].decode() if known else None, peer, headers)

    def close(self, context: RequestContext, method: str, path: str, route: str) -> None:
        """Count a request that is answered, and log it where that is asked for."""
        seconds = time.perf_counter() - context.started
        status = context.status or _SERVER_ERROR
        self._counters.count_request(route, status, seconds)
        if self._log_requests or status >= _SERVER_ERROR:
            facts = {"method": method, "path": path, "status": status, "client": context.client}
            log.info("request", extra={"facts": {**facts, "ms": round(seconds * 1e3, 2)}})


class ServingApp(Litestar):
    """A Litestar application behind the middleware."""

    outermost: Middleware

    async def __call__(
        self, scope: Scope | LifeSpanScope, receive: Receive | LifeSpanReceive, send: Send | LifeSpanSend
    ) -> None:
        if str(scope["type"]) != "http":
            await super().__call__(scope, receive, send)
            return
        inner = cast("ASGIApp", super().__call__)
        await self.outermost.dispatch(
            inner, cast("HTTPScope", scope), cast("Receive", receive), cast("Send", send)
        )


def combine(headers: Headers) -> Mapping[bytes, bytes]:
    """Headers by their lower-case names; lines of one name are one list (RFC 9110, 5.3)."""
    single = dict(headers)
    if len(single) == len(headers):
        return single
    lists: dict[bytes, list[bytes]] = {}
    for name, value in headers:
        lists.setdefault(name, []).append(value)
    return {name: b", ".join(values) for name, values in lists.items()}


def security_headers(frame_ancestors: str) -> list[tuple[bytes, bytes]]:
    """Headers of every answer: nothing is loaded from elsewhere, sniffed, framed or shared with others."""
    policy = (
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
        f"frame-ancestors {frame_ancestors}"
    )
    return [
        (b"content-security-policy", policy.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        (b"cross-origin-resource-policy", b"same-site"),
    ]
