"""One request and its answer, as the edge sees them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Final, cast

from litestar.types import Message, Scope, Send

KEY: Final = "wine.exchange"
"""Where a scope carries its exchange."""


class Exchange:
    """Completes an answer's headers on its way out, and remembers what became of it."""

    __slots__ = ("_headers", "_send", "client", "given_id", "request_id", "started", "status")

    def __init__(
        self, send: Send, *, request_id: str, given_id: str | None, headers: list[tuple[bytes, bytes]]
    ) -> None:
        self._send = send
        self._headers = headers
        self.request_id = request_id
        self.given_id = given_id
        self.client: str | None = None
        self.started = time.perf_counter()
        self.status = 0

    @property
    def shown_id(self) -> str:
        """The id that logs and X-Request-ID carry: the client's own where it gave one."""
        return self.given_id or self.request_id

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [
                *message["headers"], *self._headers, (b"x-request-id", self.shown_id.encode("latin-1"))
            ]  # fmt: skip
        await self._send(message)


def of(scope: Scope) -> Exchange:
    """The exchange that a scope belongs to."""
    return cast("Mapping[str, Exchange]", scope)[KEY]
