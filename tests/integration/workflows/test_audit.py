"""The audit of the locked packages, against a local database that speaks OSV's protocol."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.ports import free_port

PROJECT = Path(__file__).resolve().parents[3]
EXCEPTIONS = PROJECT / "deployments/ci/audit-exceptions.txt"
ADVISORY = "PYSEC-2026-1"
DAY = date(2026, 3, 31)


class Database(BaseHTTPRequestHandler):
    """Knows one advisory, about skops, and writes down what it was asked."""

    asked: set[str]
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_: object) -> None: ...

    def do_POST(self) -> None:
        name = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["package"]["name"]
        self.asked.add(name)
        content = json.dumps({"vulns": [advisory(name)]} if name == "skops" else {}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def advisory(name: str) -> dict[str, object]:
    fixed = {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "99.0"}]}
    return {
        "id": ADVISORY,
        "summary": "It loads what it should not.",
        "published": "2026-11-01T00:00:00Z",
        "affected": [{"package": {"name": name, "ecosystem": "PyPI"}, "ranges": [fixed]}],
    }


@pytest.fixture
def database() -> Iterator[tuple[str, set[str]]]:
    """Its address, and the packages that it is asked about."""
    asked: set[str] = set()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Database,), {"asked": asked}))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/", asked
    server.shutdown()
    server.server_close()


def audit(url: str, folder: Path, exception: str = "") -> subprocess.CompletedProcess[str]:
    exceptions = folder / "exceptions.txt"
    exceptions.write_text(EXCEPTIONS.read_text() + exception)
    return subprocess.run(
        [PROJECT / "deployments/ci/audit.sh", exceptions],
        env={**os.environ, "OSV_URL": url, "AUDIT_DAY": str(DAY), "XDG_CACHE_HOME": str(folder)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_every_locked_package_is_looked_up_and_an_exception_ends_with_its_day(
    database: tuple[str, set[str]], tmp_path: Path
) -> None:
    url, asked = database
    done = audit(url, tmp_path, f"{ADVISORY} {DAY - timedelta(days=1)} not reached: loaded by a list\n")
    assert done.returncode == 1, done.stderr
    assert ADVISORY in done.stdout
    assert {"skops", "prefect", "mlflow", "mlflow-skinny", "litestar", "psycopg2-binary", "pytest"} <= asked


def test_exception_holds_on_its_last_day(database: tuple[str, set[str]], tmp_path: Path) -> None:
    done = audit(database[0], tmp_path, f"{ADVISORY} {DAY} not reached: models are loaded by a list\n")
    assert done.returncode == 0, done.stdout + done.stderr


def test_without_a_connection_that_is_said_and_nothing_else(tmp_path: Path) -> None:
    done = audit(f"http://127.0.0.1:{free_port()}/", tmp_path)
    assert done.returncode == 3
    assert "cannot be reached, so nothing was looked up" in done.stderr
    assert "Traceback" not in done.stderr


def test_exceptions_have_a_day_and_a_reason() -> None:
    for line in EXCEPTIONS.read_text().splitlines():
        if line and not line.startswith("#"):
            _, day, reason = line.split(maxsplit=2)
            assert datetime.strptime(day, "%Y-%m-%d")  # noqa: DTZ007 - a day
            assert reason
