"""Real MLflow and Prefect servers on loopback ports of their own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from deployments.local.stack.services import PREFECT
from deployments.waiting import wait_until
from tests.pace import patience
from tests.ports import free_port

PROJECT = Path(__file__).parents[2]
QUIET = {
    "DO_NOT_TRACK": "1",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_LOGGING_LEVEL": "WARNING",
}


# Where it can be had: a test run that is killed takes its servers with it.
_WITH_US = ["setpriv", "--pdeathsig", "TERM", "--"] if shutil.which("setpriv") else []


@contextmanager
def process(
    command: list[str], *, log: Path, env: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A process in a session of its own; it and its children are ended at the end."""
    with log.open("wb") as out:
        started = subprocess.Popen(
            [*_WITH_US, *command],
            stdout=out,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **QUIET, **(env or {})},
            start_new_session=True,
        )
    try:
        yield started
    finally:
        end(started)


def end(started: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        if started.poll() is None:
            os.killpg(started.pid, number)
            try:
                started.wait(patience(10))
            except subprocess.TimeoutExpired:
                continue


def wait_until_healthy(url: str, server: subprocess.Popen[bytes], log: Path, seconds: float = 90) -> None:
    deadline = time.monotonic() + patience(seconds)
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        try:
            if httpx.get(url, timeout=patience(2)).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(f"no answer from {url}:\n{log.read_text()[-3000:]}")


def ask(method: str, url: str, body: object = None) -> httpx.Response:
    """An answer of a Prefect server; where its SQLite is locked (503), that of a moment later."""
    answers: list[httpx.Response] = []

    def is_ready() -> bool:
        answers.append(httpx.request(method, url, json=body, timeout=patience(30)))
        return answers[-1].status_code != httpx.codes.SERVICE_UNAVAILABLE

    assert wait_until(is_ready, seconds=patience(60)), f"{url} is locked"
    return answers[-1].raise_for_status()


@contextmanager
def mlflow_server(folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes], Path]]:
    """(address, process, log) of a starting MLflow server on SQLite that proxies its artefacts."""
    port = free_port()
    command = [
        sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port),
        "--workers", "1",
        "--backend-store-uri", f"sqlite:///{folder}/mlflow.db",
        "--artifacts-destination", str(folder / "artifacts"),
    ]  # fmt: skip
    log = folder / "mlflow.log"
    with process(command, log=log) as server:
        yield f"http://127.0.0.1:{port}", server, log


@contextmanager
def prefect_server(folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes], Path]]:
    """(API address, process, log) of a starting Prefect server on SQLite."""
    port = free_port()
    command = [*PREFECT, "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    log = folder / "prefect.log"
    env = {
        "PREFECT_HOME": str(folder),
        "PYTHONPATH": str(PROJECT),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_FLUSH_INTERVAL": "0.2",
        "PREFECT_API_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{folder}/prefect.db",
    }
    with process(command, log=log, env=env) as server:
        yield f"http://127.0.0.1:{port}/api", server, log
