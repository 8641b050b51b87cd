"""The outermost layer: ids, keys, limits, headers, counts and log lines, once for every route."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Mapping
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

from serving.access.api_keys import ApiKeys
from serving.access.client_identity import ClientNames
from serving.access.rate_limit import RateLimit
from serving.errors import RequestRefused
from serving.http import asgi
from serving.http.context import KEY, RequestContext, Sender
from serving.observability.counters import Telemetry
from serving.observability.logs import REQUEST_ID
from serving.observability.request_ids import request_ids

log = logging.getLogger("serving.requests")

GUARDED: Final = frozenset({"/predict", "/predict/batch", "/feedback", "/metrics"})
"""Routes that ask for a key where keys are configured; so does everything under /ops/."""

LIMITED: Final = frozenset({"/predict", "/predict/batch", "/feedback"})
_CLIENT_REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9._:+/=-]{1,128}")
_SERVER_ERROR: Final = 500


class Middleware:
    """What every request passes before and after its route. Knows no route but by its path."""

    def __init__(
        self,
        *,
        keys: ApiKeys,
        names: ClientNames,
        limit: RateLimit,
        telemetry: Telemetry,
        frame_ancestors: str,
        origins: frozenset[str],
        log_requests: bool,
    ) -> None:
        self._limit = limit
        self._keys = keys
        self._names = names
        self._telemetry = telemetry
        self._origins = origins
        self._log_requests = log_requests
        self.headers = security_headers(frame_ancestors)
        self._ids = request_ids()

    async def dispatch(self, app: ASGIApp, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """Let a request through to `app`, or refuse it."""
        headers = dict(scope["headers"])
        context = self.open(headers)
        cast("dict[str, RequestContext]", scope)[KEY] = context
        sender = Sender(send, context, self.headers)
        method, path = scope["method"], scope["path"]
        token = REQUEST_ID.set(context.correlation_id)
        try:
            peer = scope["client"]
            self.authorize(context, method, path, peer[0] if peer else None, headers)
            await app(scope, receive, sender.send)
        except RequestRefused as refusal:
            await asgi.send_refusal(sender.send, refusal, context.request_id, self._cors(headers))
        finally:
            route = path if path in LIMITED else scope.get("path_template") or "unmatched"
            self.close(context, method, path, route)
            REQUEST_ID.reset(token)

    def open(self, headers: Mapping[bytes, bytes]) -> RequestContext:
        """A new context, with the id that the client gave where it is one."""
        given = headers.get(b"x-request-id")
        known = given is not None and _CLIENT_REQUEST_ID.fullmatch(given)
        return RequestContext(next(self._ids), known[0].decode() if known else None)

    def charge(self, client: str | None, wines: int) -> None:
        """Count the other wines of a batch against its client's limit."""
        if client is not None and wines > 0:
            self._limit.charge(client, wines)

    def authorize(
        self, context: RequestContext, method: str, path: str, peer: str | None, headers: Mapping[bytes, bytes]
    ) -> None:
        """Note who asks, by name. Raises Unauthorized or TooManyRequests."""
        name = self._names.name_of(self._names.address(peer or "local", headers))
        if method != "OPTIONS":  # a browser asks before it sends what carries the key
            if self._keys and (path in GUARDED or path.startswith("/ops/")):
                name = self._holder(name, headers)
            if path in LIMITED:
                self._limit.take(name)
        context.client = name

    def _holder(self, name: str, headers: Mapping[bytes, bytes]) -> str:
        self._limit.check(name)  # whoever tries keys is slowed down like everybody else
        try:
            return self._keys.holder(headers)
        except RequestRefused:
            self._limit.charge(name, 1)
            raise

    def _cors(self, headers: Mapping[bytes, bytes]) -> asgi.Headers:
        """What lets a page of an allowed origin read why it was refused."""
        origin = headers.get(b"origin", b"").decode("latin-1")
        allowed = origin in self._origins or "*" in self._origins
        return (
            [(b"access-control-allow-origin", origin.encode("latin-1")), (b"vary", b"Origin")]
            if allowed
            else []
        )

    def close(self, context: RequestContext, method: str, path: str, route: str) -> None:
        """Count a request that is answered, and log it where that is asked for."""
        seconds = time.perf_counter() - context.started
        status = context.status or _SERVER_ERROR
        self._telemetry.count_request(route, status, seconds)
        if self._log_requests or status >= _SERVER_ERROR:
            facts = {"method": method, "path": path, "status": status, "client": context.client}
            log.info("request", extra={"facts": {**facts, "ms": round(seconds * 1e3, 2)}})


class ServingApp(Litestar):
    """A Litestar application behind an edge."""

    edge: Middleware

    async def __call__(
        self, scope: Scope | LifeSpanScope, receive: Receive | LifeSpanReceive, send: Send | LifeSpanSend
    ) -> None:
        if str(scope["type"]) != "http":
            await super().__call__(scope, receive, send)
            return
        inner = cast("ASGIApp", super().__call__)
        await self.edge.dispatch(
            inner, cast("HTTPScope", scope), cast("Receive", receive), cast("Send", send)
        )


def security_headers(frame_ancestors: str) -> list[tuple[bytes, bytes]]:
    """Headers of every answer: nothing is loaded from elsewhere, sniffed, framed or told to others."""
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
