"""The outermost layer: ids, keys, limits, headers, counts and log lines, once for every route."""

from __future__ import annotations

import logging
import re
import time
import uuid
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

from serving import wire
from serving.api_keys import ApiKeys
from serving.clients import ClientNames
from serving.errors import RequestRefused
from serving.exchange import KEY, Exchange
from serving.logs import REQUEST_ID
from serving.rate_limit import RateLimit
from serving.telemetry import Telemetry

log = logging.getLogger("serving.requests")

GUARDED: Final = frozenset({"/predict", "/predict/batch", "/feedback", "/metrics"})
"""Routes that ask for a key where keys are configured; so does everything under /ops/."""

LIMITED: Final = frozenset({"/predict", "/predict/batch", "/feedback"})
_GIVEN_ID: Final = re.compile(rb"[A-Za-z0-9._:+/=-]{1,128}")
_SERVER_ERROR: Final = 500


class Edge:
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
        self._headers = security_headers(frame_ancestors)

    async def pass_through(self, app: ASGIApp, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """Let a request through to `app`, or refuse it."""
        headers = dict(scope["headers"])
        given = headers.get(b"x-request-id", b"")
        exchange = Exchange(
            send,
            request_id=str(uuid.uuid4()),
            given_id=given.decode() if given and _GIVEN_ID.fullmatch(given) else None,
            headers=self._headers,
        )
        cast("dict[str, Exchange]", scope)[KEY] = exchange
        token = REQUEST_ID.set(exchange.shown_id)
        try:
            exchange.client = self._admit(scope, headers)
            await app(scope, receive, exchange.send)
        except RequestRefused as refusal:
            await wire.send_refusal(exchange.send, refusal, exchange.request_id, self._cors(headers))
        finally:
            self._note(scope, exchange)
            REQUEST_ID.reset(token)

    def charge(self, client: str | None, wines: int) -> None:
        """Count the other wines of a batch against its client's limit."""
        if client is not None and wines > 0:
            self._limit.charge(client, wines)

    def _admit(self, scope: HTTPScope, headers: dict[bytes, bytes]) -> str:
        """The name of who asks. Raises KeyRefused or TooManyRequests."""
        path = scope["path"]
        peer = scope["client"]
        name = self._names.name_of(self._names.address(peer[0] if peer else "local", headers))
        if scope["method"] == "OPTIONS":  # a browser asks before it sends what carries the key
            return name
        if self._keys and (path in GUARDED or path.startswith("/ops/")):
            self._limit.check(name)  # whoever tries keys is slowed down like everybody else
            try:
                name = self._keys.holder(headers)
            except RequestRefused:
                self._limit.charge(name, 1)
                raise
        if path in LIMITED:
            self._limit.take(name)
        return name

    def _cors(self, headers: dict[bytes, bytes]) -> wire.Headers:
        """What lets a page of an allowed origin read why it was refused."""
        origin = headers.get(b"origin", b"").decode("latin-1")
        allowed = origin in self._origins or "*" in self._origins
        return (
            [(b"access-control-allow-origin", origin.encode("latin-1")), (b"vary", b"Origin")]
            if allowed
            else []
        )

    def _note(self, scope: HTTPScope, exchange: Exchange) -> None:
        seconds = time.perf_counter() - exchange.started
        route = scope["path"] if scope["path"] in LIMITED else scope.get("path_template") or "unmatched"
        status = exchange.status or _SERVER_ERROR
        self._telemetry.count_request(route, status, seconds)
        if self._log_requests or status >= _SERVER_ERROR:
            facts = {
                "method": scope["method"],
                "path": scope["path"],
                "status": status,
                "client": exchange.client,
            }
            log.info("request", extra={"facts": {**facts, "ms": round(seconds * 1e3, 2)}})


class EdgedLitestar(Litestar):
    """A Litestar application behind an edge."""

    edge: Edge

    async def __call__(
        self, scope: Scope | LifeSpanScope, receive: Receive | LifeSpanReceive, send: Send | LifeSpanSend
    ) -> None:
        if str(scope["type"]) != "http":
            await super().__call__(scope, receive, send)
            return
        inner = cast("ASGIApp", super().__call__)
        await self.edge.pass_through(
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
