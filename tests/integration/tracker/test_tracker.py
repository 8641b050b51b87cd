"""The tracker as a host runs it: PostgreSQL behind it, artefacts on S3, accounts, backup and restore."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest

from tests.integration.s3 import AwsServer, lead_to
from tests.integration.tracker.wire import Wire
from tests.pace import patience
from tests.ports import free_port
from tests.serving_kit.postgres import Postgres
from tracker.backup import back_up
from tracker.checksum import checksum_file
from tracker.database import Database

pytestmark = pytest.mark.integration

OLD, NEW = "an old but good word", "a newer and good word"
MODEL = "WinePriceRegressorPipeline"
NUMBERS = count()
ARTEFACT = bytes(range(256)) * 120_000  # 30 MB, as large as a model gets


@contextmanager
def tracker(env: dict[str, str], password: str, folder: Path) -> Iterator[tuple[httpx.Client, int]]:
    """`python -m tracker`, healthy, with an authenticated client; killed hard at the end."""
    port = free_port()
    settings = env | {"TRACKER_PORT": str(port), "MLFLOW_AUTH_ADMIN_PASSWORD": password}
    with (folder / "tracker.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tracker"], env=settings, stdout=log, stderr=log, start_new_session=True
        )
    client = httpx.Client(base_url=f"http://127.0.0.1:{port}", auth=("admin", password), timeout=patience(30))
    try:
        wait_until_healthy(client, process, folder)
        yield client, process.pid
    finally:
        client.close()
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_until_healthy(client: httpx.Client, process: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + patience(90)
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if client.get("/health").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.2)  # nothing listens yet
    pytest.fail(f"the tracker did not start:\n{(folder / 'tracker.log').read_text()[-3000:]}")


def call(client: httpx.Client, method: str, path: str, **body: Any) -> dict[str, Any]:
    where = {"params": body} if method == "GET" else {"json": body}
    response = client.request(method, f"/api/2.0/mlflow/{path}", **where)
    assert response.status_code == 200, response.text
    return response.json() if response.content else {}


def promote_a_model(client: httpx.Client) -> str:
    """Log a run with its artefact, register two versions, point `production` to the second."""
    experiment = call(client, "POST", "experiments/create", name="Wine_Price_Regression")["experiment_id"]
    run = call(client, "POST", "runs/create", experiment_id=experiment)["run"]["info"]
    path = run["artifact_uri"].removeprefix("mlflow-artifacts:/") + "/model/model.skops"
    upload = client.put(f"/api/2.0/mlflow-artifacts/artifacts/{path}", content=ARTEFACT)
    assert upload.status_code == 200, upload.text
    call(client, "POST", "registered-models/create", name=MODEL)
    for _ in range(2):
        call(client, "POST", "model-versions/create", name=MODEL, source=run["artifact_uri"] + "/model",
             run_id=run["run_id"])  # fmt: skip
    call(client, "POST", "registered-models/alias", name=MODEL, alias="production", version="2")
    return path


def state(client: httpx.Client, path: str) -> tuple[Any, ...]:
    """What must come back: the alias, the versions, the artefact's bytes."""
    production = call(client, "GET", "registered-models/alias", name=MODEL, alias="production")
    versions = call(client, "GET", "model-versions/search", filter=f"name='{MODEL}'")["model_versions"]
    artefact = client.get(f"/api/2.0/mlflow-artifacts/artifacts/{path}").content
    return (
        production["model_version"]["version"],
        sorted(v["version"] for v in versions),
        artefact == ARTEFACT,
    )


def family_memory(pid: int) -> int:
    """Proportional memory of a process and its descendants, bytes."""
    parents = {int(p.parent.name): int(p.read_text().rpartition(")")[2].split()[1]) for p in stats()}
    family = {pid}
    while grown := {child for child, parent in parents.items() if parent in family} - family:
        family |= grown
    return sum(
        int(line.split()[1]) * 1024
        for member in family
        for line in Path(f"/proc/{member}/smaps_rollup").read_text().splitlines()
        if line.startswith("Pss:")
    )


def stats() -> Iterator[Path]:
    for path in Path("/proc").glob("[0-9]*/stat"):
        if path.exists():
            yield path


@pytest.fixture
def env(postgres: Postgres, s3: dict[str, str], tmp_path: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "BACKEND_STORE_URI": postgres.create_database(
            f"mlflow_{tmp_path.name[-12:].replace('-', '_').lower()}"
        ),
        "ARTIFACT_ROOT": "s3://wine/mlflow",
        "BACKUP_URI": "s3://wine/backups/",
        "MLFLOW_FLASK_SERVER_SECRET_KEY": "0123456789abcdef" * 2,
        "TRACKER_HOSTS": "mlflow.my-team.org",
        **s3,
    }


def test_killed_tracker_comes_back_from_its_backup(env: dict[str, str], wire: Wire, tmp_path: Path) -> None:
    env = env | {"AWS_ENDPOINT_URL": wire.url}
    database = Database.from_uri(env["BACKEND_STORE_URI"])
    with tracker(env, OLD, tmp_path) as (client, pid):
        refuses_strangers(client)
        path = promote_a_model(client)
        assert wire.count("PUT", "uploadId", "partNumber") >= 3  # the artefact went to the bucket in parts
        before = state(client, path)
        assert before == ("2", ["1", "2"], True)
        memory = family_memory(pid)
        logging.getLogger(__name__).info("the tracker holds %d MiB", memory // 2**20)
        assert memory < 512 * 2**20
        run_module(env, "tracker.backup", str(tmp_path / "backups"))
    [dump] = (tmp_path / "backups").glob("*.dump")
    for backup in (str(dump), f"s3://wine/backups/{dump.name}"):
        # The lost disk; the second time it takes the schema along, which the restore has made its own.
        database.run("psql", "--quiet", "--command", "DROP OWNED BY CURRENT_USER")
        assert "Restored" in run_module(env, "tracker.restore", backup)
    with tracker(env, NEW, tmp_path) as (client, _):  # the password was changed in the settings meanwhile
        assert state(client, path) == before
        assert client.get("/api/2.0/mlflow/users/current", auth=("admin", OLD)).status_code == 401
    refuses_damage_and_accidents(env, dump)


def refuses_strangers(client: httpx.Client) -> None:
    search = "/api/2.0/mlflow/experiments/search?max_results=1"
    assert client.get(search, auth=("admin", "password1234")).status_code == 401
    anonymous = httpx.get(str(client.base_url) + search, timeout=patience(20))
    assert anonymous.status_code == 401
    assert client.get(search, headers={"Host": "mlflow.my-team.org"}).status_code == 200
    assert client.get(search, headers={"Host": "evil.example"}).status_code == 403


def refuses_damage_and_accidents(env: dict[str, str], dump: Path) -> None:
    """A database in use is not overwritten unasked; a dump with a byte changed is not loaded at all."""
    assert "--replace" in run_module(env, "tracker.restore", str(dump), status=1)
    dump.write_bytes(dump.read_bytes()[:-1] + b"?")
    assert "SHA-256" in run_module(env, "tracker.restore", "--replace", str(dump), status=1)
    assert Database.from_uri(env["BACKEND_STORE_URI"]).tables() > 0


def run_module(env: dict[str, str], module: str, *arguments: str, status: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == status, done.stderr
    return done.stdout + done.stderr


def test_only_the_newest_backups_are_kept(env: dict[str, str], tmp_path: Path) -> None:
    start, database = datetime(2026, 1, 1, tzinfo=UTC), Database.from_uri(env["BACKEND_STORE_URI"])
    made = [back_up(database, tmp_path, now=start + timedelta(days=day), keep=2) for day in range(3)]
    assert sorted(tmp_path.glob("*.dump")) == made[1:]
    assert len(list(tmp_path.iterdir())) == 4  # each with its checksum, no partial file


def test_dump_that_was_cut_short_does_not_stay_for_ever(env: dict[str, str], tmp_path: Path) -> None:
    now, database = datetime.now(UTC), Database.from_uri(env["BACKEND_STORE_URI"])
    cut, goes_on = tmp_path / "tracker-20260101T031700Z.part", tmp_path / "tracker-20260102T031700Z.part"
    for path in (cut, goes_on, checksum_file(cut.with_suffix(".dump"))):
        path.write_bytes(b"PGDMP")
    yesterday = (now - timedelta(days=1)).timestamp()
    os.utime(cut, (yesterday, yesterday))
    made = back_up(database, tmp_path, now=now, keep=2)
    assert set(tmp_path.iterdir()) == {goes_on, made, checksum_file(made)}


def test_unreachable_database_gives_one_clear_line(env: dict[str, str], tmp_path: Path) -> None:
    broken = env | {"BACKEND_STORE_URI": "postgresql://mlflow:word@127.0.0.1:1/mlflow"}
    said = run_module(broken, "tracker.backup", str(tmp_path / "none"), status=1)
    assert said.startswith("No backup was made. pg_dump failed")
    assert "word@" not in said


def test_backup_that_cannot_leave_the_host_says_so(env: dict[str, str], tmp_path: Path) -> None:
    said = run_module(env | {"BACKUP_URI": "s3://no-such-bucket/"}, "tracker.backup", str(tmp_path), status=1)
    assert "The backup is on this host only." in said
    assert len(list(tmp_path.glob("*.dump"))) == 1


def test_backup_that_finds_the_bucket_full_asks_for_room(env: dict[str, str], tmp_path: Path) -> None:
    with AwsServer() as aws, pytest.MonkeyPatch.context() as patch:
        lead_to(aws.environment, patch)
        boto3.client("s3").create_bucket(Bucket="wine")
        aws.full = True
        said = run_module(env | aws.environment, "tracker.backup", str(tmp_path), status=1)
    assert "QuotaExceeded" in said
    assert "Has it room" in said
    assert "The backup is on this host only." in said
    assert len(list(tmp_path.glob("*.dump"))) == 1
