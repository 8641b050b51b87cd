"""The service as an operator starts it: a process, its address, and ways to end it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.pace import patience
from tests.ports import free_port

PATIENCE_S = 60
INHERITED = ("PATH", "HOME", "LANG", "COVERAGE_PROCESS_START")


@dataclass
class Process:
    """A started service."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def health(self) -> dict[str, Any]:
        found: dict[str, Any] = httpx.get(f"{self.address}/health", timeout=patience(30)).json()
        return found

    def metric(self, name: str) -> float:
        """The sum of a metric's samples."""
        text = httpx.get(f"{self.address}/metrics", timeout=patience(30)).text
        return sum(
            float(line.rsplit(" ", 1)[1])
            for line in text.splitlines()
            if line.startswith(name) and line[len(name)] in " {"
        )

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(patience(10))

    def stop(self, seconds: float = 30) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(seconds)


@contextmanager
def service(
    state: Path, settings: Mapping[str, str], *, path: str = "/health", command: tuple[str, ...] = ()
) -> Iterator[Process]:
    """A service that answers 200 on `path`; it is ended with the block where the block has not done so."""
    state.mkdir(parents=True, exist_ok=True)
    port = free_port()
    env = {name: os.environ[name] for name in INHERITED if name in os.environ}
    own = {"SERVING_PORT": str(port), "SERVING_STATE_DIR": str(state), "MODEL_POLL_SECONDS": "0.2"}
    log = state.with_name(f"{state.name}.log")
    with log.open("ab") as out:
        started = subprocess.Popen(
            [*command, sys.executable, "-m", "serving"],
            env={**env, **own, **settings},
            stdout=out,
            stderr=out,
        )
    running = Process(started, port, log)
    try:
        wait_for(lambda: _answers(running, path), what=f"{path} of the service")
        yield running
    finally:
        if started.poll() is None:
            running.kill()


def wait_for(condition: Any, *, what: str, seconds: float = PATIENCE_S) -> Any:
    """The first true value of `condition`; fails with `what` after a while."""
    limit = patience(seconds)
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.02)
    raise AssertionError(f"waited {limit:.0f} s in vain for {what}")


def _answers(running: Process, path: str) -> bool:
    assert running.process.poll() is None, running.log.read_text()[-3000:]
    try:
        return httpx.get(f"{running.address}{path}", timeout=patience(2)).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
