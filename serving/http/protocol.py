"""uvicorn's HTTP protocol with bounds, and with the mistakes mended that a client can make use of.

- A request must come in whole, and its answer be read, within their times (`serving.http.connections`).
- `Upgrade` is ignored, as RFC 9110 (7.8) allows. uvicorn with httptools takes such a request for one without
  a body and what follows for a request of its own (uvicorn's issue 2722, httptools' issue 124), so Java's
  HttpClient and `curl --http2`, which offer h2c with a POST, lose their body, and others smuggle a request.
- Trailers are not headers.
- Whatever cannot be parsed waits for the answers to the requests before it.
"""

from __future__ import annotations

import asyncio
import time
from typing import Final

import httptools

from serving.http import endings, refusal
from serving.http.connections import Connections
from serving.http.endings import Ending
from serving.http.fast_path import EXPLAIN, FastPathRequest
from serving.http.middleware import combine
from serving.http.slices import REQUESTS, slice_size, stated_length
from serving.http.upgrade import head_without_upgrade
from serving.http.watched import WatchedProtocol

MAX_PIPELINED: Final = 32
"""Requests of a connection that wait for the answers before them; the next are not parsed until then."""
MAX_BACKLOG_BYTES: Final = 2**20


class BoundedProtocol(WatchedProtocol):
    """One connection. `pool` is set on a subclass, for one service."""

    pool: Connections
    backlog: bytes = b""
    """What has come and is not parsed yet: a client may send thousands of requests at once."""
    held_bytes: int = 0
    body_bytes: int = 0
    """Bytes of the present body that have come."""
    reads_body: bool = False
    """Whether the head of the present request is complete and its body is not."""
    fast: FastPathRequest | None = None
    """The request on the fast path whose body is being read."""
    ending: Ending | None = None
    """What is said, and that the connection closes, when the requests before are answered."""
    ended: bool = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.reading_since = time.monotonic()
        if not self.pool.admits(self):
            self._refuse(endings.TOO_MANY)

    def connection_lost(self, exc: Exception | None) -> None:
        self.pool.open.discard(self)
        self._release()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.backlog or self.pipeline or self.ended or self.ending or len(data) > REQUESTS:
            self.backlog += data
            self._parse_backlog()
        elif rest := self._parse(data):
            self.backlog = rest
            self._parse_backlog()

    def _parse_backlog(self) -> None:
        """Parse what has come, but no more requests than wait for their answers already."""
        came, at = self.backlog, 0
        while at < len(came) and not (self.ended or self.ending):
            if len(self.pipeline) >= MAX_PIPELINED:
                self.flow.pause_reading()
                if len(came) - at > MAX_BACKLOG_BYTES:
                    self.end(endings.TOO_MANY_AT_ONCE)
                break
            data = came[at : at + slice_size(self._body_left())]
            at += len(data)
            if again := self._parse(data):
                came, at = again + came[at:], 0
        self.backlog = came[at:]

    def eof_received(self) -> bool | None:  # type: ignore[override]
        """A client that has said all it wants still gets its answers."""
        if self.reading_since is None and not self._is_answered() and not self.ended:
            self.ending = self.ending or endings.SILENTLY
            return True
        return None

    def on_message_begin(self) -> None:
        self._unset_keepalive_if_required()
        self.reading_since = time.monotonic()
        self.head_bytes = self.body_bytes = 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        self._measure(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._measure(len(name) + len(value))
        if not self.reads_body:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        if self.parser.should_upgrade():
            return  # the same head is parsed again, without the upgrade
        self.reads_body = True
        fast_path, explain = self.pool.fast_path, EXPLAIN.get(self.url)
        if fast_path is not None and explain is not None and self._is_free():
            headers = fast_path.plain(self.headers)
            if headers is not None:
                self.fast = FastPathRequest(fast_path, self, headers, explain=explain)
                self.cycle = self.fast  # type: ignore[assignment]  # it has all that uvicorn asks of one
                return
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        size = len(body)
        self.body_bytes += size
        if self.ended or self.cycle.response_complete:
            return
        self.held_bytes += size
        self.pool.hold(size)
        if self.fast is None:
            super().on_body(body)
        else:
            self.fast.body += body

    def on_message_complete(self) -> None:
        if self.parser.should_upgrade() or self.ended:
            return
        self.reading_since, self.reads_body = None, False
        if self.fast is None:
            super().on_message_complete()
        else:
            fast, self.fast = self.fast, None
            fast.complete()

    def on_response_complete(self) -> None:
        was_last = not self.pipeline
        super().on_response_complete()
        self.answered_at = time.monotonic()
        if self.backlog:
            self.flow.pause_reading()
            self.loop.call_soon(self._go_on)
        if was_last:
            self._release()
            if self.ending is not None:
                self._refuse(self.ending)

    def _go_on(self) -> None:
        if self.parser is not None and not self.transport.is_closing():
            self.flow.resume_reading()
            self._parse_backlog()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's own words
        self.end(endings.NO_HTTP)

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

    def end(self, ending: Ending) -> None:
        """Take nothing more from this client; say why when the requests before this one are answered."""
        if self.ended or self.ending is not None:
            return
        queued = [entry for entry in self.pipeline if entry[0] is self.cycle and self.reads_body]
        if queued:
            self.pipeline.remove(queued[0])
        if queued or not (self.reads_body or self._is_answered()):
            self.ending, self.reading_since = ending, None
        else:
            self._refuse(ending)

    def abort(self) -> None:
        """Cut the connection off, with what has not been read of it. Its request writes nothing any more."""
        self.ended = True
        self._disconnect()
        self.transport.abort()

    def _body_left(self) -> int:
        """Bytes of the present body that are still to come, where its length is stated."""
        return stated_length(self.headers) - self.body_bytes if self.reads_body else 0

    def _parse(self, data: bytes) -> bytes:
        """Parse what has come; what has to be parsed once more, and in which form."""
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            return self._without_upgrade(data[upgrade.args[0] :])
        except httptools.HttpParserError:
            self.end(endings.LONG_HEAD if self.head_bytes > endings.MAX_HEAD_BYTES else endings.NO_HTTP)
        return b""

    def _without_upgrade(self, rest: bytes) -> bytes:
        method, version = self.parser.get_method(), self.parser.get_http_version()
        if method == b"CONNECT":
            self.end(endings.NO_PROXY)
            return b""
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        return head_without_upgrade(method, self.url, version, self.headers) + rest

    def _is_free(self) -> bool:
        """Whether the connection does nothing else, stays open after this, and its client reads."""
        return (
            self._is_answered()
            and self.parser.get_method() == b"POST"
            and self.parser.get_http_version() == "1.1"
            and self.parser.should_keep_alive()
            and not self.flow.write_paused
        )

    def _refuse(self, ending: Ending) -> None:
        """Say why, where nothing has been said of this request yet, and close."""
        self.ended, self.reading_since = True, None
        answered = self._is_answered() and self.reads_body
        if not self._is_answered():
            answered = self.cycle.response_started
            self._disconnect()
        if ending.status and not answered:
            middleware = self.pool.middleware
            context = middleware.open(combine(self.headers or []), self.peer())
            self.transport.write(refusal.rendered(middleware, ending, context, self.common_headers()))
        self.transport.close()

    def _disconnect(self) -> None:
        """Tell every request that waits here that its client has gone."""
        for cycle in [self.cycle, *(cycle for cycle, _ in self.pipeline)]:
            if cycle is not None and not cycle.response_complete:
                cycle.disconnected = True
                cycle.message_event.set()
        self.flow.resume_writing()

    def _release(self) -> None:
        if self.held_bytes:
            self.pool.held_bytes -= self.held_bytes
            self.held_bytes = 0

    def _measure(self, size: int) -> None:
        self.head_bytes += size
        if self.head_bytes > endings.MAX_HEAD_BYTES:  # httptools itself would collect headers without end
            raise ValueError("The head of the request is too large")
