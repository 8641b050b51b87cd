"""The operators' report from a real PostgreSQL."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from serving.operations.reader import KEPT_SECONDS, OperationsReader
from serving.operations.report import SPANS, OperationsReport, ServiceNow
from serving.prediction_log.database import Database
from serving.prediction_log.migrate import migrate
from tests.programs import require
from tests.serving_kit.postgres import Postgres, postgres_server

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
DAY = SPANS["24h"]
Rows = asyncpg.Connection
pytestmark = pytest.mark.integration

INSERT = """
INSERT INTO wine_predictions
    (created_at, predicted_price, request_id, expected_error, model_version, latency_ms, warnings)
VALUES ($1, $2, gen_random_uuid(), $3, $4, $5, $6) RETURNING request_id
"""


class Clock:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    require("postgresql")
    with postgres_server() as started:
        yield started


@pytest.fixture
async def uri(postgres: Postgres, request: pytest.FixtureRequest) -> str:
    return postgres.create_database(f"operations_{abs(hash(request.node.name))}")


@pytest.fixture
async def database(uri: str) -> AsyncIterator[Database]:
    opened = Database(uri, idle_seconds=60)
    yield opened
    await opened.close()


@pytest.fixture
async def rows(uri: str, database: Database) -> AsyncIterator[asyncpg.Connection]:
    """A connection that writes rows, to tables as the service makes them."""
    await migrate(database)
    connection = await asyncpg.connect(uri)
    yield connection
    await connection.close()


def reader(database: Database | None, clock: Clock | None = None) -> OperationsReader:
    return OperationsReader(
        database, lambda: ServiceNow(model_version="7"), now=lambda: NOW, clock=clock or Clock()
    )


async def insert(
    rows: asyncpg.Connection, hours_ago: float, *, price: float = 20.0, **given: object
) -> object:
    at = (NOW - timedelta(hours=hours_ago)).replace(tzinfo=None)
    values = {"expected_error": 0.2, "version": "1", "latency": 1.0, "warnings": "[]", **given}
    return await rows.fetchval(INSERT, at, price, *values.values())


async def report(database: Database | None) -> OperationsReport:
    return await reader(database).report(DAY)


async def test_figures_are_those_of_the_span(database: Database, rows: Rows) -> None:
    await insert(rows, 1, price=10, latency=1.0, version="2")
    await insert(rows, 1, price=30, latency=3.0, version="2", warnings='[{"code": "no_vintage"}]')
    await insert(rows, 20, price=50, latency=5.0)
    await insert(rows, 25, price=999)
    found = await report(database)
    assert found.database == "ok"
    assert found.log is not None
    total = found.log.total
    assert (total.requests, total.price_median, total.latency_p50) == (3, 30.0, 3.0)
    assert total.warned == pytest.approx(1 / 3)
    assert [figures.requests for figures in found.log.buckets] == [1, 2]
    assert found.log.buckets[0].at == NOW - timedelta(hours=20)
    assert [(use.version, use.requests) for use in found.log.versions] == [("1", 1), ("2", 2)]
    assert [(use.code, use.requests) for use in found.log.warnings] == [("no_vintage", 1)]


async def test_the_realised_error_is_that_of_known_prices(
    database: Database, rows: asyncpg.Connection
) -> None:
    known = await insert(rows, 2, price=20, expected_error=0.1)
    await insert(rows, 2, price=20, expected_error=0.5)
    feedback = "INSERT INTO wine_feedback (request_id, actual_price, received_at) VALUES ($1, $2, now())"
    await rows.execute(feedback, known, 25)
    await rows.execute(feedback, "00000000-0000-0000-0000-000000000001", 25)
    found = await report(database)
    assert found.log is not None
    total = found.log.total
    assert total.feedback == 1
    assert total.realised_error == pytest.approx(math.log(25 / 20))
    assert total.expected_of_realised == pytest.approx(0.1)
    assert total.expected_error == pytest.approx(0.3)


async def test_rows_of_the_system_before_count_as_requests(
    database: Database, rows: asyncpg.Connection
) -> None:
    at = (NOW - timedelta(hours=3)).replace(tzinfo=None)
    await rows.execute(
        "INSERT INTO wine_predictions (country, predicted_price, created_at) VALUES ('US', 9, $1)", at
    )
    found = await report(database)
    assert found.log is not None
    assert found.log.total.requests == 1
    assert found.log.total.latency_p50 is None
    assert found.log.versions[0].version == "before"


async def test_before_the_first_row_there_is_nothing_to_report(database: Database) -> None:
    found = await report(database)
    assert found.database == "ok"
    assert found.log is not None
    assert found.log.total.requests == 0


async def test_the_database_is_asked_once_a_minute(database: Database, rows: Rows) -> None:
    clock = Clock()
    kept = reader(database, clock)
    await insert(rows, 1)
    assert _requests(await kept.report(DAY)) == 1
    await insert(rows, 1)
    clock.seconds = KEPT_SECONDS - 1
    assert _requests(await kept.report(DAY)) == 1
    clock.seconds = KEPT_SECONDS
    assert _requests(await kept.report(DAY)) == 2


async def test_a_database_that_is_down_or_absent_is_said() -> None:
    nowhere = Database("postgresql://wine:word@127.0.0.1:9/wine", idle_seconds=60)
    down = await report(nowhere)
    assert (down.database, down.log, down.service.model_version) == ("unreachable", None, "7")
    assert (await report(None)).database == "not configured"


def _requests(found: OperationsReport) -> int:
    assert found.log is not None
    return found.log.total.requests
