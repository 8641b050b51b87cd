"""A day of requests in the database, as a service would have left it."""

from __future__ import annotations

import asyncio

import asyncpg

from serving.prediction_log.database import Database
from serving.prediction_log.migrate import migrate

PREDICTIONS = """
INSERT INTO wine_predictions (country, description, province, millesime, predicted_price, created_at,
    request_id, expected_error, model_version, latency_ms, warnings)
SELECT 'France', 'Ripe and firm.', 'Bordeaux', '2015',
       20 + 12 * sin(n / 90.0) + n % 23, (now() AT TIME ZONE 'UTC') - n * interval '40 seconds',
       gen_random_uuid(), 0.24 + 0.02 * cos(n / 200.0), CASE WHEN n > 800 THEN '2' ELSE '3' END,
       0.2 + (n % 17) * 0.03 + CASE WHEN n % 25 = 0 THEN 4 ELSE 0 END,
       CASE WHEN n % 9 = 0 THEN '[{"code": "unknown_winery"}]'
            WHEN n % 31 = 0 THEN '[{"code": "few_known_words"}]' ELSE '[]' END::jsonb
FROM generate_series(1, 2000) AS n
"""
EARLIER = """
INSERT INTO wine_predictions (country, description, province, millesime, predicted_price, created_at)
VALUES ('Italy', 'Dried cherry.', 'Tuscany', '2010', 31, (now() AT TIME ZONE 'UTC') - interval '23 hours')
"""
FEEDBACK = """
INSERT INTO wine_feedback (request_id, actual_price, received_at)
SELECT request_id, predicted_price * exp(0.28 * (CASE WHEN id % 2 = 0 THEN 1 ELSE -1 END)), now()
FROM wine_predictions WHERE id % 12 = 0 AND request_id IS NOT NULL
"""


def write_history(uri: str) -> None:
    asyncio.run(_write(uri))


async def _write(uri: str) -> None:
    database = Database(uri, idle_seconds=60)
    await migrate(database)
    await database.close()
    connection = await asyncpg.connect(uri)
    for statement in (PREDICTIONS, EARLIER, FEEDBACK):
        await connection.execute(statement)
    await connection.close()
