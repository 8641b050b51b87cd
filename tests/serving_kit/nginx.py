"""nginx before a service, as others put it there."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.pace import patience
from tests.programs import program
from tests.serving_kit.services import wait_for


@contextmanager
def nginx(configuration: Path, health: Callable[[], httpx.Response]) -> Iterator[None]:
    """nginx with this configuration, from when `health`, a question by way of it, is answered well."""
    command = [str(program("nginx")), "-e", "stderr", "-c", str(configuration)]
    started = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: _answers(health), what="nginx", seconds=20)
        yield
    finally:
        started.terminate()
        started.wait(patience(10))


def _answers(health: Callable[[], httpx.Response]) -> bool:
    try:
        return health().is_success
    except httpx.TransportError:
        return False
