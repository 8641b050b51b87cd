"""Batches take turns with one another and with single requests: one chunk in each turn of the event loop."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from serving.errors import Overloaded, RequestTooLarge

CHUNK_WINES: Final = 200
CHUNK_BYTES: Final = 256 * 2**10
"""How much of a batch is scored in one go while nobody else is waiting."""

SHARED_WINES: Final = 25
SHARED_BYTES: Final = 32 * 2**10
"""How much is while single requests come in: some two milliseconds."""


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """How many batches are worked on at a time, and how many wines of one are explained."""

    batches: int = 32
    explained: int = 100

    def check(self, batches: int, wines: int, *, explain: bool) -> None:
        """Raise Overloaded or RequestTooLarge where one batch more would be too much."""
        if batches >= self.batches:
            raise Overloaded("The service works on as many batches as it can. Send this one again shortly.")
        if explain and wines > self.explained:
            raise RequestTooLarge(
                f"At most {self.explained:,} wines of a batch are explained, this one has {wines:,}. "
                "Split it, or leave `explain` out."
            )


class Turns:
    """Lets one waiting batch go on in each turn of the event loop, in the order in which they asked."""

    def __init__(self) -> None:
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def next(self) -> None:
        """Wait for this batch's turn."""
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[None] = loop.create_future()
        if not self._waiting:
            loop.call_soon(self._grant)
        self._waiting.append(turn)
        await turn

    def _grant(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():  # else its client was cancelled
                turn.set_result(None)
                break
        if self._waiting:
            asyncio.get_running_loop().call_soon(self._grant)


def chunk(wines: Sequence[msgspec.Raw], start: int, *, shared: bool) -> Sequence[msgspec.Raw]:
    """The next wines of a batch, at least one; fewer where single requests share the time."""
    at_most, size = (SHARED_WINES, SHARED_BYTES) if shared else (CHUNK_WINES, CHUNK_BYTES)
    stop = start + 1
    size -= len(wines[start])
    for following in _lengths(wines, stop, start + at_most):
        size -= following
        if size < 0:
            break
        stop += 1
    return wines[start:stop]


def _lengths(wines: Sequence[msgspec.Raw], start: int, stop: int) -> Iterator[int]:
    return (len(wines[at]) for at in range(start, min(stop, len(wines))))
