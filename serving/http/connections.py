"""The open connections of a process: how many there may be, and how long each may take to read and to write.

uvicorn waits for a client as long as the client likes. Here one task looks at all connections once a second,
which costs a request nothing but a timestamp.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from serving.http import endings

if TYPE_CHECKING:
    from serving.http.fast_path import FastPath
    from serving.http.middleware import Middleware
    from serving.http.protocol import BoundedProtocol

SILENT_SECONDS: Final = 1.0
"""How long a new connection may say nothing before it gives way to another one, where all are taken."""


@dataclass(slots=True)
class Connections:
    """Limits of all connections, and what became of those that broke them.

    `request_seconds` and `response_seconds` are the times to read a request and to have an answer read;
    `body_bytes` limits the bodies of all unanswered requests together, and the answers not yet read.
    """

    at_most: int
    request_seconds: float
    response_seconds: float
    body_bytes: int
    middleware: Middleware
    fast_path: FastPath | None = None
    open: set[BoundedProtocol] = field(default_factory=set)
    held_bytes: int = 0
    timed_out: int = 0
    aborted: int = 0
    turned_away: int = 0
    evicted: int = 0

    async def watch(self) -> None:
        """Close what is too slow, until cancelled."""
        while True:
            await asyncio.sleep(min(1.0, self.request_seconds / 4, self.response_seconds / 4))
            self.check(time.monotonic())

    def check(self, now: float) -> None:
        """Look at every connection once. `now` is that of the monotonic clock."""
        unread: list[tuple[int, BoundedProtocol]] = []
        for protocol in tuple(self.open):
            if protocol.reads_since(now - self.request_seconds):
                self.timed_out += 1
                protocol.end(endings.TOO_SLOW)
            size = protocol.unread_bytes(now)
            if protocol.writes_since(now - self.response_seconds):
                self._abort(protocol)
            elif size:
                unread.append((size, protocol))
        self._free_unread(unread)

    def _free_unread(self, unread: list[tuple[int, BoundedProtocol]]) -> None:
        total = sum(size for size, _ in unread)
        for size, protocol in sorted(unread, key=lambda entry: entry[0], reverse=True):
            if total <= self.body_bytes:
                return
            self._abort(protocol)
            total -= size

    def _abort(self, protocol: BoundedProtocol) -> None:
        self.aborted += 1
        protocol.abort()

    def admits(self, protocol: BoundedProtocol) -> bool:
        """Whether there is room for one more, if need be in the place of the one idle for longest."""
        if len(self.open) >= self.at_most and not self._evict_idle():
            self.turned_away += 1
            return False
        self.open.add(protocol)
        return True

    def _evict_idle(self) -> bool:
        silent = time.monotonic() - SILENT_SECONDS
        idle = [(since, protocol) for protocol in self.open if (since := protocol.idle_since(silent))]
        if not idle:
            return False
        self.evicted += 1
        _, longest = min(idle, key=lambda entry: entry[0])
        self.open.discard(longest)
        longest.transport.close()
        return True

    def hold(self, size: int) -> None:
        """Count bytes of a body; over the limit the largest unfinished body has to go."""
        self.held_bytes += size
        if self.held_bytes > self.body_bytes:
            unfinished = [protocol for protocol in self.open if protocol.reads_body]
            if unfinished:
                max(unfinished, key=lambda protocol: protocol.held_bytes).end(endings.TOO_MUCH)

    def states(self) -> Counter[str]:
        """How many connections are idle, being read, answered and written to."""
        return Counter({"idle": 0, "reading": 0, "answering": 0, "writing": 0}) + Counter(
            protocol.state for protocol in self.open
        )
