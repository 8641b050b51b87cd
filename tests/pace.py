"""How long tests wait: limits are for a quiet machine of 2026 and stretch with the pace of this one."""

from __future__ import annotations

import time
from functools import cache
from typing import Final

REFERENCE_SECONDS: Final = 0.05
"""What the work of `_work` takes on the machine for which the limits were set."""


@cache
def pace() -> float:
    """How many times slower this machine is right now, with all else that it does; 1 at least."""
    began = time.perf_counter()
    for _ in range(4):
        _work()
    return max(1.0, (time.perf_counter() - began) / 4 / REFERENCE_SECONDS)


def patience(seconds: float) -> float:
    """The limit `seconds` on this machine."""
    return seconds * pace()


def _work() -> int:
    return sum(number * number for number in range(1_000_000))
