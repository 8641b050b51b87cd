"""A real PostgreSQL that can be stopped, started and made to cut its connections, and PgBouncer before it."""

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

from tests.pace import patience
from tests.ports import free_port
from tests.programs import POSTGRES, program, require

USER = "wine"
PASSWORD = "s3cret-Word"
CUTTING = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'wine'"


@dataclass
class Postgres:
    """A cluster in `folder`, listening on `port` of the loopback."""

    folder: Path
    port: int
    options: str = ""

    def uri(self, database: str = "postgres", query: str = "") -> str:
        return f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{self.port}/{database}{query}"

    def start(self) -> None:
        server = f"-c listen_addresses=127.0.0.1 -p {self.port} -k {self.folder} -c fsync=off {self.options}"
        self._control("-w", "-o", server, "-l", str(self.folder / "log"), "start")

    def stop(self) -> None:
        self._control("-w", "-m", "immediate", "stop")

    def cut(self) -> int:
        """End every session but this one, as a database does that goes to sleep; how many there were."""
        return int(self.query(CUTTING))

    def query(self, statement: str, database: str = "postgres") -> str:
        """The first column of the answer, one row a line."""
        command = ["psql", "-h", str(self.folder), "-p", str(self.port), "-U", "postgres", "-d", database]
        done = subprocess.run([*command, "-Atc", statement], check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def create_database(self, name: str, *, extension: str | None = None) -> str:
        """An empty database that the role `wine` owns; its connection string."""
        self.query(f"CREATE DATABASE {name} OWNER {USER}")
        if extension:
            self.query(f"CREATE EXTENSION {extension}", name)
        return self.uri(name)

    def _control(self, *arguments: str) -> None:
        run(*tool("pg_ctl"), "-D", str(self.folder / "data"), *arguments)


@contextmanager
def postgres_server(options: str = "") -> Iterator[Postgres]:
    require("postgresql")
    folder = Path(tempfile.mkdtemp(prefix="wine-pg-", dir="/tmp"))  # PostgreSQL's user must reach it
    give_to_postgres(folder)
    made = Postgres(folder, free_port(), options)
    run(*tool("initdb"), "-D", str(folder / "data"), "-A", "trust", "-U", "postgres", "-N")
    authentication = f"local all all trust\nhost all {USER} 127.0.0.1/32 scram-sha-256\n"
    (folder / "data" / "pg_hba.conf").write_text(authentication)
    try:
        made.start()
        made.query(f"CREATE ROLE {USER} LOGIN PASSWORD '{PASSWORD}'")
        yield made
    finally:
        stopping = [*tool("pg_ctl"), "-D", str(folder / "data"), "-m", "immediate", "stop"]
        subprocess.run(stopping, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def pgbouncer(server: Postgres) -> Iterator[int]:
    """The port of a PgBouncer in transaction mode before `server`."""
    require("pgbouncer")
    port = free_port()
    folder = Path(tempfile.mkdtemp(prefix="wine-bouncer-", dir="/tmp"))
    (folder / "users.txt").write_text(f'"{USER}" "{PASSWORD}"\n')
    (folder / "pgbouncer.ini").write_text(
        f"[databases]\n* = host=127.0.0.1 port={server.port}\n"
        "[pgbouncer]\nlisten_addr = 127.0.0.1\n"
        f"listen_port = {port}\nunix_socket_dir =\n"
        f"auth_type = scram-sha-256\nauth_file = {folder}/users.txt\n"
        "pool_mode = transaction\n"
        "default_pool_size = 2\nmax_client_conn = 50\nserver_reset_query =\n"
    )
    give_to_postgres(folder)
    running = subprocess.Popen(
        [*as_postgres(), str(program("pgbouncer")), "-q", str(folder / "pgbouncer.ini")],
        stderr=subprocess.DEVNULL,
    )
    try:
        yield port
    finally:
        running.terminate()
        running.wait(patience(10))
        shutil.rmtree(folder, ignore_errors=True)


def give_to_postgres(folder: Path) -> None:
    if os.geteuid() == 0:
        user = pwd.getpwnam("postgres")
        for path in (folder, *folder.rglob("*")):
            os.chown(path, user.pw_uid, user.pw_gid)


def as_postgres() -> list[str]:
    """PostgreSQL's programs refuse to be run by root."""
    return ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []


def tool(name: str) -> list[str]:
    return [*as_postgres(), str(POSTGRES[0] / name)]


def run(*command: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, cwd="/")
