"""Ports for servers of tests that have to be named before the server binds them.

They come from below the range that systems hand out by themselves, so nothing else takes one between the
choice and the start; workers of one test run (xdist) choose from ranges of their own.
"""

from __future__ import annotations

import itertools
import os
import random
import socket
from typing import Final

FIRST: Final = 12_000
PER_WORKER: Final = 2_000
WORKERS: Final = 10


def _numbers() -> itertools.cycle[int]:
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % WORKERS
    first = FIRST + worker * PER_WORKER
    start = random.randrange(PER_WORKER)  # noqa: S311 - another run beside this one starts elsewhere
    return itertools.cycle(first + (start + step) % PER_WORKER for step in range(PER_WORKER))


_NUMBERS: Final = _numbers()


def free_port() -> int:
    """A port that nobody listens on, and that no other test of this run is given for a long while."""
    for port in itertools.islice(_NUMBERS, PER_WORKER):
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("every port that the tests may use is taken")
