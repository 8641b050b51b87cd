"""Where an answer goes, whatever carries it: the core answers, a transport delivers."""

from __future__ import annotations

import asyncio
from typing import Protocol


class Reply(Protocol):
    """One request's way back. Exactly one of the two is called, once."""

    def answer(self, body: bytes) -> None:
        """Deliver an answer, as JSON."""

    def refuse(self, error: Exception) -> None:
        """Say why there is none."""


class FutureReply:
    """A reply that somebody awaits. One whose waiter has gone takes its answer and says nothing."""

    __slots__ = ("future",)

    def __init__(self) -> None:
        self.future: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def answer(self, body: bytes) -> None:
        if not self.future.done():
            self.future.set_result(body)

    def refuse(self, error: Exception) -> None:
        if not self.future.done():
            self.future.set_exception(error)
