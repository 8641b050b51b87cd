"""The services of the local stack: what each runs, with which environment, and when it is healthy."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from deployments import run_limits
from deployments.local.settings import HOST, PROJECT, StackSettings
from deployments.local.stack import postgres
from deployments.local.stack.processes import STACK_MARKER

WORK_POOL: Final = run_limits.POOL
WORKER: Final = "local"

PREFECT: Final = (sys.executable, "-m", "deployments.local.stack.prefect_program")
"""Prefect's program, before its arguments."""

INHERITED: Final = ("PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "LD_LIBRARY_PATH")
INHERITED_PREFIXES: Final = ("LC_", "SSL_", "XDG_", "OMP_")
"""Nothing else is handed down: with a variable of a real deployment the stack would write to production."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One supervised process.

    `command` is shell-quoted. `health` is the URL that answers 200 when the service works, if it has
    one. `stop_signal` is the one that it ends on in good order, within `stop_seconds`.
    """

    name: str
    command: str
    environment: Mapping[str, str] = field(default_factory=dict)
    url: str | None = None
    health: str | None = None
    stop_signal: str = "TERM"
    stop_seconds: int = 10


def all_services(settings: StackSettings) -> tuple[Service, ...]:
    """In the order in which they are shown and started."""
    return (
        _postgres(settings),
        _mlflow(settings),
        _prefect(settings),
        _worker(settings),
        _rescuer(settings),
        _serving(settings),
    )


def client_environment(settings: StackSettings) -> dict[str, str]:
    """What a process of ours needs to reach the stack's servers."""
    return {
        STACK_MARKER: str(settings.state),
        "DO_NOT_TRACK": "1",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_TRACKING_URI": settings.mlflow_url,
        "NEON_URI": settings.postgres_uri("wine"),
        "PREFECT_API_URL": settings.prefect_api_url,
        "PREFECT_HOME": str(settings.state / "prefect"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_UI_URL": settings.prefect_url,
        "PYTHONUNBUFFERED": "1",
        "WINE_HOME": str(PROJECT),
    }


SLOW_LOOPS: Final = {
    f"PREFECT_SERVER_SERVICES_{name}_LOOP_SECONDS": seconds
    for name, seconds in {
        "CANCELLATION_CLEANUP": "60",
        "CLEANUP_RECONCILER": "60",
        "FOREMAN": "60",
        "LATE_RUNS": "60",
        "PAUSE_EXPIRATIONS": "60",
        "REPOSSESSOR": "60",
        "SCHEDULER_RECENT_DEPLOYMENTS": "60",
    }.items()
} | {"PREFECT_SERVER_EVENTS_PROACTIVE_GRANULARITY": "PT60S"}  # for automations of what did not happen
"""How often Prefect's server looks for what seldom happens; by default mostly every 5 seconds."""


def inherited_environment() -> dict[str, str]:
    """What services take over from the caller's environment."""
    return {
        name: value
        for name, value in os.environ.items()
        if name in INHERITED or name.startswith(INHERITED_PREFIXES)
    }


def program(name: str) -> str:
    """Path of a command of the running environment."""
    return str(Path(sys.executable).parent / name)


def _postgres(settings: StackSettings) -> Service:
    return Service(
        name="postgres",
        command=postgres.command(settings),
        environment={STACK_MARKER: str(settings.state)},
        url=settings.postgres_uri("wine"),
        stop_signal="INT",  # PostgreSQL's fast shutdown: it does not wait for clients to leave
    )


def _mlflow(settings: StackSettings) -> Service:
    command = [
        program("mlflow"), "server", "--host", HOST, "--port", str(settings.mlflow_port), "--workers", "1",
        "--backend-store-uri", settings.postgres_uri("mlflow", driver="postgresql+psycopg2"),
        "--artifacts-destination", (settings.state / "mlflow").as_uri(),
    ]  # fmt: skip
    return Service(
        name="mlflow",
        command=shlex.join(command),
        environment={
            STACK_MARKER: str(settings.state),
            "DO_NOT_TRACK": "1",
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",  # 2 processes and 0.4 GB instead of 11 and 2 GB
        },
        url=settings.mlflow_url,
        health=f"{settings.mlflow_url}/health",
    )


def _prefect(settings: StackSettings) -> Service:
    command = [*PREFECT, "server", "start", "--host", HOST, "--port", str(settings.prefect_port)]
    database = settings.state / "prefect" / "prefect.db"
    return Service(
        name="prefect",
        command=shlex.join(command),
        environment=client_environment(settings)
        | {
            "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{database}",
            "PREFECT_SERVER_UI_API_URL": settings.prefect_api_url,
            "PYTHONPATH": str(PROJECT),
        }
        | SLOW_LOOPS,
        url=settings.prefect_url,
        health=f"{settings.prefect_api_url}/health",
        stop_signal="INT",
    )


def _worker(settings: StackSettings) -> Service:
    command = [
        *PREFECT, "worker", "start", "--pool", WORK_POOL, "--type", "process", "--name", WORKER,
    ]  # fmt: skip
    return Service(
        name="worker",
        command=shlex.join(command),
        environment=client_environment(settings)
        | {
            "ARTIFACT_DATA": str(settings.data_folder),
            "FLOWS_STATE": str(settings.state / "flows"),
            "PREFECT_WORKER_QUERY_SECONDS": "1",
            "SERVING_URL": settings.serving_url,
            "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
            "PYTHONPATH": str(PROJECT),
        },
        stop_signal="INT",
    )


def _rescuer(settings: StackSettings) -> Service:
    return Service(
        name="rescuer",
        command=shlex.join([sys.executable, "-m", "deployments.rescue", "--worker", WORKER, "--poll", "20"]),
        environment=client_environment(settings) | {"PYTHONPATH": str(PROJECT)},
    )


def _serving(settings: StackSettings) -> Service:
    return Service(
        name="serving",
        command=shlex.join([sys.executable, "-m", "serving"]),
        environment=client_environment(settings)
        | {
            "OMP_NUM_THREADS": "1",
            "SERVING_HOST": HOST,
            "SERVING_PORT": str(settings.serving_port),
            "SERVING_STATE_DIR": str(settings.state / "serving"),
        },
        url=settings.serving_url,
        health=f"{settings.serving_url}/health/live",
        stop_seconds=20,
    )
