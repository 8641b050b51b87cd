"""A million rows of the prediction log, a year of a busy shop: the operators' report and its size."""

from __future__ import annotations

import logging
import os
import time
from typing import Any

import asyncpg
import pytest

from serving.operations.reader import OperationsReader
from serving.operations.report import SPANS
from serving.prediction_log.database import Database
from serving.prediction_log.migrate import migrate
from tests.programs import require
from tests.serving_kit.postgres import postgres_server

pytestmark = pytest.mark.drill

ROWS = 1_000_000
FILL = """
INSERT INTO wine_predictions (country, description, province, millesime, predicted_price, created_at,
    request_id, variety, winery, points, interval_low, interval_high, interval_coverage, expected_error,
    model_version, latency_ms, warnings, client)
SELECT 'US', 'Ripe black cherry and cassis with firm tannins, cedar and a long finish; bottle ' || n,
    'California', 2000 + n % 20, 10 + n % 90, now() AT TIME ZONE 'UTC' - make_interval(secs => n * 31.536),
    gen_random_uuid(), 'Cabernet Sauvignon', 'Winery ' || n % 5000, 80 + n % 20, 8 + n % 60, 20 + n % 120,
    0.8, 0.3, (n / 80000)::text, 0.2 + random(), '[{"code": "no_vintage"}]', 'shop'
FROM generate_series(1, $1::int) AS n
"""


class Service:
    def __call__(self) -> Any:
        return None


async def test_report_of_a_month_comes_within_a_second() -> None:
    if not os.environ.get("HOST_DRILL"):
        pytest.skip("fills a database for a minute: HOST_DRILL=1 runs it")
    require("postgresql")
    with postgres_server() as postgres:
        uri = postgres.create_database("wine")
        database = Database(uri, idle_seconds=60)
        await migrate(database)
        connection = await asyncpg.connect(uri)
        await connection.execute(FILL, ROWS)
        await connection.execute("ANALYZE wine_predictions")
        size = await connection.fetchval("SELECT pg_total_relation_size('wine_predictions')")
        await connection.close()
        logging.getLogger(__name__).info("%d rows are %d MB with their indexes", ROWS, size / 2**20)
        reader = OperationsReader(database, Service())
        for name in ("24h", "7d", "30d"):
            began = time.perf_counter()
            await reader.report(SPANS[name])
            taken = time.perf_counter() - began
            logging.getLogger(__name__).info("report of %s: %.2f s", name, taken)
            assert taken < 1, name
        await database.close()
    assert size < 700 * 2**20
