"""Old predictions leave a real PostgreSQL for Parquet files; nothing is lost, wherever it is cut."""

from __future__ import annotations

import asyncio
import itertools
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from pathlib import Path
from threading import Thread
from typing import Any

import asyncpg
import boto3
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from prefect.settings import PREFECT_API_URL, PREFECT_LOGGING_LEVEL, temporary_settings

from configuration.postgresql import PostgresAddress, postgres_address
from flows.archive import archive
from flows.archiving import log_archive
from flows.archiving.log_archive import LogArchive
from flows.data import storage
from flows.errors import DataUnavailable
from serving.prediction_log.migrate import migration_names
from tests.integration.conftest import Servers
from tests.integration.s3 import AWS_KEYS, AwsServer, aws_server, lead_to
from tests.ports import free_port
from tests.serving_kit.postgres import Postgres, postgres_server

pytestmark = pytest.mark.integration

NUMBERS = itertools.count()
NOW = datetime.now(UTC).replace(tzinfo=None, hour=12)
PREDICTION = """
    INSERT INTO wine_predictions (country, description, province, millesime, predicted_price, created_at,
                                  request_id, points, warnings, model_version)
    VALUES ('Côte d''Or', $1, 'Bourgogne', '2015', 24.31, $2, $3, 91, '[{"code": "unseen"}]', '7')
"""


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with postgres_server() as made:
        yield made


class Log:
    """The service's tables; rows are named by their request ids."""

    def __init__(self, uri: str) -> None:
        self.uri = uri

    @property
    def address(self) -> PostgresAddress:
        return postgres_address("NEON_URI", self.uri)

    def run(self, query: str, *values: Any) -> list[Any]:
        async def ask() -> list[Any]:
            connection = await asyncpg.connect(self.uri)
            try:
                return list(await connection.fetch(query, *values))
            finally:
                await connection.close()

        return asyncio.run(ask())

    def predict(self, *, days_ago: int, rows: int = 1, paid: bool = False) -> set[str]:
        made = set()
        for number in range(rows):
            request = uuid.uuid4()
            at = NOW - timedelta(days=days_ago, seconds=number)
            self.run(PREDICTION, f"note {number}\nwith “quotes”", at, request)
            if paid:
                self.run("INSERT INTO wine_feedback VALUES ($1, 30, $2)", request, datetime.now(UTC))
            made.add(str(request))
        return made

    def requests(self) -> set[str]:
        return {str(row[0]) for row in self.run("SELECT request_id FROM wine_predictions")}


@pytest.fixture
def log(postgres: Postgres) -> Log:
    made = Log(postgres.create_database(f"archive_{next(NUMBERS)}"))
    folder = resources.files("serving.prediction_log.migrations")

    async def migrate() -> None:
        connection = await asyncpg.connect(made.uri)
        for name in migration_names():
            await connection.execute(folder.joinpath(name).read_text("utf-8"))
        await connection.close()

    asyncio.run(migrate())
    return made


def archived(folder: Path, table: str = "wine_predictions") -> pa.Table:
    parts = [pq.read_table(path, partitioning=None) for path in sorted((folder / table).rglob("*.parquet"))]
    return pa.concat_tables(parts)


@pytest.fixture
def prefect(servers: Servers) -> Iterator[None]:
    with temporary_settings({PREFECT_API_URL: servers.prefect, PREFECT_LOGGING_LEVEL: "ERROR"}):
        yield


def test_flow_moves_what_is_old_and_keeps_what_trains(
    log: Log, prefect: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEON_URI", log.uri)
    monkeypatch.setenv("ARCHIVE_URI", str(tmp_path))
    old = log.predict(days_ago=200, rows=3) | log.predict(days_ago=181, rows=2)
    kept = log.predict(days_ago=300, paid=True) | log.predict(days_ago=179, rows=2)
    shadow = (
        "INSERT INTO wine_shadow_predictions SELECT request_id, '8', 1, 1, created_at FROM wine_predictions"
    )
    log.run(shadow)
    state = archive(return_state=True)
    assert state.is_completed(), state.message
    assert log.requests() == kept
    rows = archived(tmp_path).to_pylist()
    assert {row["request_id"] for row in rows} == old
    assert {row["country"] for row in rows} == {"Côte d'Or"}
    assert {row["predicted_price"] for row in rows} == {24.31}
    assert {row["warnings"] for row in rows} == {'[{"code": "unseen"}]'}
    assert all("\nwith “quotes”" in row["description"] for row in rows)
    assert len(archived(tmp_path, "wine_shadow_predictions")) == len(old) + 1
    again = archive(return_state=True)
    assert "Nothing to archive" in again.message
    assert len(archived(tmp_path)) == len(old)


def test_flow_without_an_archive_does_nothing_and_says_so(
    log: Log, prefect: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEON_URI", log.uri)
    monkeypatch.delenv("ARCHIVE_URI", raising=False)
    old = log.predict(days_ago=400)
    state = archive(return_state=True)
    assert state.is_completed()
    assert "ARCHIVE_URI is not set" in (state.message or "")
    assert log.requests() == old


def test_days_that_drift_looks_at_are_never_moved(
    log: Log, prefect: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEON_URI", log.uri)
    state = archive(keep_days=7, archive_uri=str(tmp_path), return_state=True)
    assert state.is_failed()
    assert "drift looks at the last 60 days" in (state.message or "")


def day_of(days_ago: int) -> date:
    return (NOW - timedelta(days=days_ago)).date()


def test_cut_between_writing_and_deleting_leaves_one_copy(
    log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = log.predict(days_ago=200, rows=5)
    read = storage.read_bytes

    def cut(uri: str) -> bytes:
        raise DataUnavailable("the host went down")

    made = LogArchive(log.address, str(tmp_path))
    with monkeypatch.context() as patch:
        patch.setattr(storage, "read_bytes", cut)
        with pytest.raises(DataUnavailable):
            made.move("wine_predictions", day_of(200))
    assert log.requests() == old
    assert storage.read_bytes is read
    moved = made.move("wine_predictions", day_of(200))
    assert moved.rows == 5
    assert log.requests() == set()
    assert sorted(archived(tmp_path)["request_id"].to_pylist()) == sorted(old)


def test_row_that_arrives_while_its_day_is_moved_stays(
    log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, late = log.predict(days_ago=200, rows=3), set()
    read = storage.read_bytes

    def arrive(uri: str) -> bytes:
        # the flow's loop is running in this thread: the other client has one of its own
        thread = Thread(target=lambda: late.update(log.predict(days_ago=200)))
        thread.start()
        thread.join()
        return read(uri)

    monkeypatch.setattr(storage, "read_bytes", arrive)
    made = LogArchive(log.address, str(tmp_path))
    made.move("wine_predictions", day_of(200))
    assert log.requests() == late
    monkeypatch.setattr(storage, "read_bytes", read)
    made.move("wine_predictions", day_of(200))
    assert set(archived(tmp_path)["request_id"].to_pylist()) == old | late


def test_more_rows_than_fit_into_memory_at_once(
    log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_archive, "CHUNK", 4)
    old = log.predict(days_ago=90, rows=10)
    LogArchive(log.address, str(tmp_path)).move("wine_predictions", day_of(90))
    assert set(archived(tmp_path)["request_id"].to_pylist()) == old


@pytest.mark.filterwarnings("ignore:.*<socket.socket.*:pytest.PytestUnraisableExceptionWarning")
def test_bucket_that_is_missing_keeps_the_day_in_the_table(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    with aws_server() as environment:
        lead_to(environment, monkeypatch)
        old = log.predict(days_ago=200, rows=2)
        with pytest.raises(DataUnavailable, match="There is no bucket of s3://no-such-bucket/log/"):
            LogArchive(log.address, "s3://no-such-bucket/log/").move("wine_predictions", day_of(200))
        assert log.requests() == old
        boto3.client("s3").create_bucket(Bucket="wine")
        moved = LogArchive(log.address, "s3://wine/log/").move("wine_predictions", day_of(200))
        assert log.requests() == set()
        written = pq.read_table(pa.BufferReader(storage.read_bytes(moved.uri)))
        assert set(written["request_id"].to_pylist()) == old


@pytest.mark.filterwarnings("ignore:.*<socket.socket.*:pytest.PytestUnraisableExceptionWarning")
def test_full_bucket_keeps_the_day_in_the_table_until_there_is_room(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    with AwsServer() as aws:
        lead_to(aws.environment, monkeypatch)
        boto3.client("s3").create_bucket(Bucket="wine")
        old = log.predict(days_ago=200, rows=2)
        archive = LogArchive(log.address, "s3://wine/log/")
        aws.full = True
        with pytest.raises(DataUnavailable, match=r"the bucket is full\. Delete what is old"):
            archive.move("wine_predictions", day_of(200))
        assert log.requests() == old
        aws.full = False
        written = pq.read_table(
            pa.BufferReader(storage.read_bytes(archive.move("wine_predictions", day_of(200)).uri))
        )
        assert set(written["request_id"].to_pylist()) == old
        assert log.requests() == set()


def test_bucket_that_cannot_be_reached_keeps_the_day_in_the_table(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead_to({"AWS_ENDPOINT_URL": f"http://127.0.0.1:{free_port()}", **AWS_KEYS}, monkeypatch)
    old = log.predict(days_ago=200, rows=2)
    with pytest.raises(
        DataUnavailable, match=r"cannot be written \(EndpointConnectionError: .*AWS_ENDPOINT_URL"
    ):
        LogArchive(log.address, "s3://wine/log/").move("wine_predictions", day_of(200))
    assert log.requests() == old
