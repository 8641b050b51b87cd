"""Whoever else has an account on this machine gets nothing from the stack.

Tried from a second account where the tests may take one (as root), else by what folders and server allow.
"""

from __future__ import annotations

import multiprocessing
import os
import pwd
import socket
import stat
import struct
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

from deployments.local.settings import StackSettings
from deployments.local.stack import postgres, processes
from deployments.local.stack.services import all_services
from deployments.local.stack.state_folder import make_private
from deployments.local.stack.supervisor import Supervisor
from tests.integration.stack.stack import databases_answer, eventually
from tests.pace import patience

pytestmark = pytest.mark.integration

SOCKET = ".s.PGSQL.5432"
ROOT = os.geteuid() == 0


@pytest.fixture(scope="module")
def settings() -> Iterator[StackSettings]:
    """A stack of which PostgreSQL runs, in a folder that everybody may enter."""
    with tempfile.TemporaryDirectory(prefix="wine-stack-") as name:
        Path(name).chmod(0o755)
        found = StackSettings(state=Path(name).resolve() / "state")
        make_private(found.state)
        postgres.prepare(found)
        supervisor = Supervisor(found)
        supervisor.start(all_services(found))
        supervisor.start_service("postgres")
        try:
            eventually(lambda: databases_answer(found), seconds=30, what="PostgreSQL answers")
            yield found
        finally:
            supervisor.stop()
            processes.end_all(found.state)


def as_another_user(attempt: Callable[[], object]) -> object:
    """What `attempt` gives, or the name of its error, in a process of another account."""

    def run(out: multiprocessing.SimpleQueue[object]) -> None:
        nobody = pwd.getpwnam("nobody")
        os.setgroups([])
        os.setgid(nobody.pw_gid)
        os.setuid(nobody.pw_uid)
        try:
            out.put(attempt())
        except OSError as error:
            out.put(type(error).__name__)

    context = multiprocessing.get_context("fork")
    answers = context.SimpleQueue()
    process = context.Process(target=run, args=(answers,))
    process.start()
    answer = answers.get()
    process.join()
    return answer


def greeting(path: Path) -> str:
    """What PostgreSQL says to a client that calls itself the superuser: "R" to let it in, "E" and why not."""
    words = b"user\0postgres\0database\0postgres\0\0"
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(patience(10))
        client.connect(str(path))
        client.sendall(struct.pack("!ii", len(words) + 8, 196608) + words)
        return client.recv(4096).decode(errors="replace")


def test_nobody_else_may_enter_the_state(settings: StackSettings) -> None:
    for folder in (settings.state, settings.sockets, postgres.data_folder(settings)):
        assert stat.S_IMODE(folder.stat().st_mode) & 0o077 == 0, folder
        assert folder.stat().st_uid == os.geteuid(), folder
    if ROOT:
        assert as_another_user(lambda: len(list(settings.state.iterdir()))) == "PermissionError"
        assert as_another_user(lambda: greeting(settings.sockets / SOCKET)) == "PermissionError"
        supervisor = settings.sockets / "supervisor.sock"
        assert as_another_user(lambda: greeting(supervisor)) == "PermissionError"


def test_the_server_itself_lets_nobody_else_in(settings: StackSettings) -> None:
    assert greeting(settings.sockets / SOCKET).startswith("R")
    hba = (postgres.data_folder(settings) / "pg_hba.conf").read_text()
    assert "trust" not in hba
    if ROOT:
        doors = (settings.state, settings.sockets)
        for door in doors:
            door.chmod(0o755)
        (settings.sockets / SOCKET).chmod(0o777)
        said = as_another_user(lambda: greeting(settings.sockets / SOCKET))
        for door in doors:
            door.chmod(0o700)
        assert str(said).startswith("E")
        assert "Peer authentication failed" in str(said)


def test_nothing_listens_on_the_network(settings: StackSettings) -> None:
    connecting = closing(psycopg2.connect(settings.postgres_uri("postgres")))
    with connecting as connection, connection.cursor() as cursor:
        cursor.execute("SHOW listen_addresses")
        assert cursor.fetchone() == ("",)


def test_no_folder_on_the_way_is_opened() -> None:
    with tempfile.TemporaryDirectory(prefix="wine-home-") as name:
        home = Path(name)
        home.chmod(0o700)
        settings = StackSettings(state=home / "project" / "state")
        make_private(settings.state)
        before = {path: path.stat() for path in (Path("/root"), home, home / "project")}
        old = os.umask(0o077)
        try:
            postgres.prepare(settings)
        finally:
            os.umask(old)
        for path, known in before.items():
            assert path.stat().st_mode == known.st_mode, path
        assert postgres.data_folder(settings).stat().st_uid == os.geteuid()
