"""How long tests wait. A limit ends a test that hangs; it does not judge speed. So limits are written for a
quiet machine of 2026, and are stretched for all that a machine may do beside the tests.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import cache
from typing import Final

REFERENCE_SECONDS: Final = 0.05
"""What the work of `_work` takes on the machine for which the limits were set."""


STRETCH: Final = 4.0
"""What every limit is stretched by, however quiet the machine is when its pace is taken."""


@cache
def pace() -> float:
    """How many times slower this machine is right now, with all else that it does; 1 at least."""
    began = time.perf_counter()
    for _ in range(4):
        _work()
    return max(1.0, (time.perf_counter() - began) / 4 / REFERENCE_SECONDS)


def patience(seconds: float) -> float:
    """The limit `seconds` on this machine."""
    return seconds * STRETCH * pace()


async def until(condition: Callable[[], object], seconds: float = 20) -> None:
    """Wait for what other tasks, threads or servers do; TimeoutError after `patience(seconds)`."""
    async with asyncio.timeout(patience(seconds)):
        while not condition():  # noqa: ASYNC110 - whoever does it tells nobody
            await asyncio.sleep(0.005)


def _work() -> int:
    return sum(number * number for number in range(1_000_000))
