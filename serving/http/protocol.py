"""HTTP connections that nobody can hold for ever: a request must come in whole within its time.

uvicorn waits for the bytes of a request as long as its client likes. Here one task looks at all
connections once a second, which costs a request nothing but a timestamp.
"""

from __future__ import annotations

import asyncio
import time
from typing import Final

import msgspec
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from serving.http.fast_path import EXPLAIN, FastPath, FastPathRequest
from serving.payloads import problems

MAX_HEAD_BYTES: Final = 32 * 2**10
_TOO_SLOW: Final = "The request did not arrive in time. Send it again, faster."
_TOO_MANY: Final = "The service has as many connections as it can hold. Try again in a moment."


class Connections:
    """The open connections of a process, how many there may be, and how long a request may take to arrive."""

    def __init__(self, *, at_most: int, request_seconds: float) -> None:
        self.at_most = at_most
        self.request_seconds = request_seconds
        self.open: set[GuardedProtocol] = set()
        self.fast_path: FastPath | None = None
        self.timed_out = 0
        self.turned_away = 0

    async def watch(self) -> None:
        """Close what is too slow, until cancelled."""
        while True:
            await asyncio.sleep(min(1.0, self.request_seconds / 4))
            limit = time.monotonic() - self.request_seconds
            for protocol in [protocol for protocol in self.open if protocol.waits_since(limit)]:
                self.timed_out += 1
                protocol.refuse(408, _TOO_SLOW)

    def protocol(self) -> type[GuardedProtocol]:
        """The protocol that uvicorn is to speak, with these limits."""
        return type("Guarded", (GuardedProtocol,), {"guard": self})


class GuardedProtocol(HttpToolsProtocol):
    """uvicorn's protocol, which also knows since when it has been waiting for the rest of a request."""

    guard: Connections
    reading_since: float | None = None
    head_bytes: int = 0
    quick: FastPathRequest | None = None
    """The request on the fast path whose body is being read."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.reading_since = time.monotonic()
        if len(self.guard.open) >= self.guard.at_most:
            self.guard.turned_away += 1
            self.refuse(503, _TOO_MANY)
        else:
            self.guard.open.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.guard.open.discard(self)
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        self.reading_since = time.monotonic()
        self.head_bytes = 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        self._measure(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._measure(len(name) + len(value))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        fast_path, explain = self.guard.fast_path, EXPLAIN.get(self.url)
        if (
            fast_path is not None
            and explain is not None
            and self._is_free()
            and fast_path.admits(dict(self.headers))
        ):
            self.quick = FastPathRequest(fast_path, self, self.headers, explain=explain)
            self.cycle = self.quick  # type: ignore[assignment]  # it has all that uvicorn asks of one
            return
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if self.quick is None:
            super().on_body(body)
        else:
            self.quick.body += body

    def on_message_complete(self) -> None:
        self.reading_since = None
        if self.quick is None:
            super().on_message_complete()
        else:
            quick, self.quick = self.quick, None
            quick.complete()

    def peer(self) -> str | None:
        """The address at the other end."""
        return self.client[0] if self.client else None

    def common_headers(self) -> list[tuple[bytes, bytes]]:
        """What uvicorn adds to every answer: the date."""
        return self.server_state.default_headers

    def deliver(self, answer: bytes, *, last: bool) -> None:
        """Send a whole answer, then take up the next request or close."""
        if not self.transport.is_closing():
            self.transport.write(answer)
            if last:
                self.transport.close()
        self.on_response_complete()

    def _is_free(self) -> bool:
        """Whether the connection does nothing else, stays open after this, and its client reads."""
        return (
            (self.cycle is None or self.cycle.response_complete)
            and self.parser.get_method() == b"POST"
            and self.parser.get_http_version() == "1.1"
            and self.parser.should_keep_alive()
            and not self.flow.write_paused
        )

    def send_400_response(self, msg: str) -> None:
        """What uvicorn says of bytes that are not HTTP, as a problem."""
        if self.head_bytes > MAX_HEAD_BYTES:
            self.refuse(
                431,
                f"The head of a request is at most {MAX_HEAD_BYTES:,} bytes. Send fewer or shorter headers.",
            )
        else:
            self.refuse(400, f"{msg} Send HTTP/1.1; see /docs for examples with curl.")

    def waits_since(self, limit: float) -> bool:
        """Whether the present request began before `limit` (monotonic clock) and has not come in whole."""
        return self.reading_since is not None and self.reading_since < limit

    def refuse(self, status: int, detail: str) -> None:
        """Say why, where nothing has been said yet, and close."""
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            problem = problems.of_status(status, detail)
            body = msgspec.json.encode(problem)
            head = (
                f"HTTP/1.1 {status} {problem.title}\r\ncontent-type: {problems.MEDIA_TYPE}\r\n"
                f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
            )
            self.transport.write(head.encode() + body)
        self.transport.close()

    def _measure(self, size: int) -> None:
        self.head_bytes += size
        if self.head_bytes > MAX_HEAD_BYTES:  # httptools itself would collect headers without end
            raise ValueError("The head of the request is too large")
