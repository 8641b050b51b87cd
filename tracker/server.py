"""The MLflow server as a command and its environment, built from checked settings."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tracker.settings import TrackerSettings

PROJECT: Final = Path(__file__).resolve().parents[1]
AUTH_CONFIG: Final = """\
[mlflow]
default_permission = READ
database_uri = {database_uri}
admin_username = {admin_username}
authorization_function = tracker.access:authenticate
grant_default_workspace_access = false
workspace_cache_max_size = 1000
workspace_cache_ttl_seconds = 3600
auth_cache_max_size = 1000
auth_cache_ttl_seconds = {cache_seconds}
"""
CACHE_SECONDS: Final = 60
"""With one worker a verified password may be remembered: 0.15 s less a request. Changes through the API
reach the worker that made them at once, so with more workers nothing is remembered."""


def command(settings: TrackerSettings) -> list[str]:
    """The server's command line. Nothing secret is on it: any user of the host can read it."""
    return [
        sys.executable, "-m", "mlflow", "server",
        "--host", settings.bind,
        "--port", str(settings.port),
        "--workers", str(settings.workers),
        "--app-name", "basic-auth",
        "--serve-artifacts",
        "--artifacts-destination", settings.artifact_root,
        "--allowed-hosts", ",".join(settings.allowed_hosts),
        "--cors-allowed-origins", ",".join(f"https://{host}" for host in settings.hosts),
        "--x-frame-options", "DENY",
    ]  # fmt: skip


def environment(settings: TrackerSettings, base: Mapping[str, str], auth_config: Path) -> dict[str, str]:
    """The server's environment: the caller's, with what MLflow must not be left to choose."""
    return {
        **base,
        "MLFLOW_BACKEND_STORE_URI": settings.backend_store_uri,
        "MLFLOW_AUTH_CONFIG_PATH": str(auth_config),
        "MLFLOW_AUTH_ADMIN_USERNAME": settings.admin_username,
        "MLFLOW_AUTH_ADMIN_PASSWORD": settings.admin_password,
        "MLFLOW_FLASK_SERVER_SECRET_KEY": settings.secret_key,
        # a route that MLflow has no rule for is refused, not open
        "MLFLOW_BASIC_AUTH_FAIL_CLOSED": "true",
        "PYTHONPATH": str(PROJECT),  # for tracker.access
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "DO_NOT_TRACK": "1",
        # glibc keeps an arena per thread; two are enough for one worker and save some 60 MB
        "MALLOC_ARENA_MAX": "2",
        "PYTHONUNBUFFERED": "1",
    }


def write_auth_config(settings: TrackerSettings, folder: Path) -> Path:
    """Write MLflow's account configuration, readable by its owner alone: it names the database."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / "basic_auth.ini"
    text = AUTH_CONFIG.format(
        database_uri=settings.backend_store_uri.replace("%", "%%"),
        admin_username=settings.admin_username,
        cache_seconds=CACHE_SECONDS if settings.workers == 1 else 0,
    )
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    return path
