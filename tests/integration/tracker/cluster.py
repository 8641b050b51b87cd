"""A throw-away PostgreSQL cluster on a port of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.ports import free_port
from tests.programs import POSTGRES

PASSWORD = "database-word"


@dataclass(frozen=True)
class Cluster:
    port: int

    def uri(self, database: str) -> str:
        return f"postgresql://wine:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    def execute(self, statement: str, database: str = "postgres") -> None:
        """Run a statement as the cluster's superuser."""
        address = f"postgresql://postgres@127.0.0.1:{self.port}/{database}"
        run("psql", "--dbname", address, "--set", "ON_ERROR_STOP=1", "--command", statement)

    def create_database(self, name: str) -> str:
        """An empty database owned by the role `wine`; returns its URI."""
        self.execute(f"CREATE DATABASE {name} OWNER wine")
        self.execute("CREATE EXTENSION pg_trgm", name)
        return self.uri(name)


@contextmanager
def cluster() -> Iterator[Cluster]:
    folder = Path(tempfile.mkdtemp(prefix="wine-pg-", dir="/tmp"))  # PostgreSQL's user must reach it
    if os.geteuid() == 0:
        os.chown(folder, pwd.getpwnam("postgres").pw_uid, -1)
    data, port = folder / "data", free_port()
    server = f"-c listen_addresses=127.0.0.1 -p {port} -k {folder} -c fsync=off -c max_connections=60"
    run(*_tool("initdb"), "-D", str(data), "-A", "trust", "-U", "postgres")
    run(*_tool("pg_ctl"), "-D", str(data), "-w", "-o", server, "-l", str(folder / "log"), "start")
    try:
        made = Cluster(port)
        made.execute(f"CREATE ROLE wine LOGIN PASSWORD '{PASSWORD}'")
        yield made
    finally:
        run(*_tool("pg_ctl"), "-D", str(data), "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def run(*command: str) -> None:
    # not captured: the server that pg_ctl leaves behind would hold a pipe open
    subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _tool(name: str) -> list[str]:
    """PostgreSQL refuses to run as root: as root, run it as its own user."""
    user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
    return [*user, str(POSTGRES[0] / name)]
