"""Waiting for something to become true, no longer than it may take."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

POLL_SECONDS: Final = 0.2


class Abandoned(Exception):
    """The wait was given up because something else failed or the user interrupted."""


def wait_until(
    check: Callable[[], bool],
    *,
    seconds: float,
    poll: float = POLL_SECONDS,
    abandoned: threading.Event | None = None,
) -> bool:
    """Repeat `check` until it is true (then True) or `seconds` have passed (then False).

    Raises Abandoned as soon as the event `abandoned` is set.
    """
    stop = abandoned or threading.Event()
    deadline = time.monotonic() + seconds
    while not check():
        if time.monotonic() > deadline:
            return False
        if stop.wait(poll):
            raise Abandoned
    return True
