"""A log whose database has no room left, as a free Neon at its limit: answers go on, the archive makes room.

The database lies in a tablespace on a disk of 50 MB, which it fills. Neon lets its autovacuum extend files
beyond the limit; here a small file is taken away for it.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import httpx
import pyarrow.parquet as pq
import pytest

from configuration.postgresql import postgres_address
from flows.archiving.log_archive import LogArchive
from serving.prediction_log.database import Database
from serving.prediction_log.migrate import migrate
from tests.pace import patience
from tests.programs import require
from tests.serving_kit.load import WINE
from tests.serving_kit.models import keep_in_cache
from tests.serving_kit.postgres import Postgres, give_to_postgres, postgres_server
from tests.serving_kit.services import service, wait_for

pytestmark = [pytest.mark.drill, pytest.mark.timeout(900)]

MEGABYTES, SLACK = 50, 1024 * 1024
"""The disk, and the bytes of it that are given back once the archive has deleted: emptied pages of indexes
are free for others only after some transactions more, and PostgreSQL's own statistics grow meanwhile.
"""
BATCHES, WINES = 4, 500
TABLE = "wine_predictions"
FILL = """
INSERT INTO wine_predictions
    (country, description, province, millesime, predicted_price, created_at, request_id)
SELECT 'US', repeat('Ripe black cherry ', 10) || n, 'California', 2015, 20,
    now() AT TIME ZONE 'UTC' - make_interval(secs => ($1::int + n) * 250), gen_random_uuid()
FROM generate_series(1, $2::int) AS n
"""
"""So far apart that rows which fill the disk reach back most of a year: many of them are old."""


@contextmanager
def small_disk() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="wine-small-"))
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", folder], check=True)
    give_to_postgres(folder)
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)
        folder.rmdir()


async def fill(uri: str) -> None:
    """The tables, and rows of the past year until not a single one has room."""
    database = Database(uri, idle_seconds=60)
    await migrate(database)
    await database.close()
    connection, filled = await asyncpg.connect(uri), 0
    try:
        for size in (5_000, 500, 50, 1):
            while await _has_room_for(connection, filled, size):
                filled += size
    finally:
        await connection.close()


async def _has_room_for(connection: asyncpg.Connection, filled: int, size: int) -> bool:
    try:
        await connection.execute(FILL, filled, size)
    except asyncpg.DiskFullError:
        return False
    return True


def rows(postgres: Postgres) -> int:
    return int(postgres.query("SELECT count(*) FROM wine_predictions", "wine"))


def price(address: str) -> None:
    """Ask for the prices of many wines at once."""
    answer = httpx.post(f"{address}/predict/batch", json={"wines": [WINE] * WINES}, timeout=patience(60))
    assert answer.status_code == 200, answer.text


def test_log_without_room_loses_nothing_and_goes_on_after_the_archive(tmp_path: Path) -> None:
    if not os.environ.get("HOST_DRILL") or os.geteuid() != 0:
        pytest.skip("mounts a small disk, as root: HOST_DRILL=1 runs it")
    require("postgresql")
    with small_disk() as disk, postgres_server() as postgres:
        postgres.query(f"CREATE TABLESPACE small LOCATION '{disk}'")
        postgres.query("CREATE DATABASE wine OWNER wine TABLESPACE small")
        uri = postgres.uri("wine")
        postgres.query("CHECKPOINT")  # pages of the new database that are not yet on the disk need room, too
        (disk / "slack").write_bytes(b"\0" * SLACK)
        asyncio.run(fill(uri))
        full = rows(postgres)

        keep_in_cache(tmp_path / "state")
        with service(tmp_path / "state", {"NEON_URI": uri}) as running:
            for _ in range(BATCHES):
                price(running.address)
            wait_for(
                lambda: running.health()["database"]["problem"] == "resources", what="a log that is full"
            )
            assert running.health()["outbox"]["rows"] == BATCHES * WINES
            assert rows(postgres) == full

            log = LogArchive(postgres_address("NEON_URI", uri), str(tmp_path / "archive"))
            before = (datetime.now(UTC) - timedelta(days=180)).date()
            moved = sum(log.move(TABLE, day).rows for day in log.days(TABLE, before=before))
            (disk / "slack").unlink()
            postgres.query(f"VACUUM {TABLE}", "wine")
            wait_for(
                lambda: running.health()["outbox"]["rows"] == 0, what="an empty outbox", seconds=patience(120)
            )
        files = [pq.read_metadata(path).num_rows for path in (tmp_path / "archive").rglob("*.parquet")]
        assert sum(files) == moved > BATCHES * WINES
        assert rows(postgres) == full - moved + BATCHES * WINES
