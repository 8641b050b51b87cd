"""The relay and a real PostgreSQL: rows too large, tables that vanish, sessions that die of a row."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from serving.prediction_log.database import Database
from serving.prediction_log.outbox import Outbox
from serving.prediction_log.records import (
    FEEDBACK,
    PREDICTION,
    SHADOW,
    FeedbackRow,
    PredictionRow,
    ShadowRow,
    encode_row,
)
from serving.prediction_log.relay import Relay
from tests.pace import patience, until
from tests.serving_kit.postgres import Postgres

pytestmark = pytest.mark.integration
COUNT = "SELECT count(*) FROM wine_predictions"
WHEN = "2026-11-22T12:00:00.123456"


def row(country: str = "France", description: str = "plum") -> bytes:
    told = (country, description, "Bordeaux", "2015", "Merlot", None, None, None, 92.0)
    price = (24.31, 15.2, 38.9, 0.8, 0.31)
    return encode_row(PredictionRow(str(uuid.uuid4()), *told, *price, "7", 1.25, [], "shop", WHEN))


@pytest.fixture
def name(database_server: Postgres) -> str:
    made = f"relay_{uuid.uuid4().hex[:8]}"
    database_server.create_database(made)
    return made


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path / "outbox.sqlite3", max_rows=100_000)


@asynccontextmanager
async def running(uri: str, outbox: Outbox, batch_bytes: int = 4 * 2**20) -> AsyncIterator[Relay]:
    database = Database(uri, idle_seconds=60)
    relay = Relay(outbox, database, flush_seconds=0.0, batch_bytes=batch_bytes)
    task = asyncio.create_task(relay.run())
    try:
        yield relay
    finally:
        await relay.stop(task, 5)
        await database.close()
        outbox.close()


async def keep_going(server: Postgres, name: str, outbox: Outbox, until_: Any) -> None:
    """Other rows come as long as they do in life."""
    async with asyncio.timeout(patience(60)):
        while not until_():
            outbox.store(PREDICTION, [row()])
            await asyncio.sleep(0.05)


async def test_every_column_arrives_as_its_migration_says(
    database_server: Postgres, name: str, outbox: Outbox
) -> None:
    request_id = str(uuid.uuid4())
    outbox.store(PREDICTION, [row(description="naïve \u2603 \0")])
    outbox.store(FEEDBACK, [encode_row(FeedbackRow(request_id, 23.5, f"{WHEN}+00:00", None, "api"))])
    outbox.store(SHADOW, [encode_row(ShadowRow(request_id, "8", 20.25, 0.3, f"{WHEN}+00:00"))])
    async with running(database_server.uri(name), outbox):
        await until(lambda: outbox.depth == 0, 60)
        outbox.store(FEEDBACK, [encode_row(FeedbackRow(request_id, 99.0, f"{WHEN}+00:00", None, "api"))])
        await until(lambda: outbox.depth == 0, 60)
    found = database_server.query(
        "SELECT description, points, predicted_price, interval_low, latency_ms, warnings, variety, winery,"
        " created_at FROM wine_predictions",
        name,
    )
    assert found == f"naïve \u2603 |92.0|24.31|15.2|1.25|[]|Merlot||{WHEN.replace('T', ' ')}"
    assert database_server.query("SELECT actual_price, source FROM wine_feedback", name) == "23.5|api"
    assert (
        database_server.query("SELECT predicted_price, model_version FROM wine_shadow_predictions", name)
        == "20.25|8"
    )


async def test_rows_that_are_too_much_for_one_message_go_in_several(
    database_server: Postgres, name: str, outbox: Outbox
) -> None:
    """Rows as a client without a limit made them: some dozens are more than one message may hold (1 GB)."""
    large = row(description="x" * 53_000_000)
    for _ in range(4):
        outbox.store(PREDICTION, [large.replace(large[15:51], str(uuid.uuid4()).encode(), 1)])
    outbox.store(PREDICTION, [row() for _ in range(10)])
    async with running(database_server.uri(name), outbox) as relay:
        await until(lambda: outbox.depth == 0, 120)
        assert (relay.state.retries, relay.state.refused) == (0, 0)
    assert database_server.query(COUNT, name) == "14"


@pytest.mark.parametrize(
    "kinds", [("wine_predictions",), ("wine_predictions", "wine_feedback", "wine_serving_migrations")]
)
async def test_tables_that_are_dropped_are_made_again(
    database_server: Postgres, name: str, outbox: Outbox, kinds: Sequence[str]
) -> None:
    async with running(database_server.uri(name), outbox) as relay:
        outbox.store(PREDICTION, [row()])
        await until(lambda: outbox.depth == 0, 60)
        database_server.query(f"DROP TABLE {', '.join(kinds)}", name)
        outbox.store(PREDICTION, [row(), row()])
        await until(lambda: outbox.depth == 0, 60)
        await until(lambda: relay.state.problem is None, 60)
    assert database_server.query(COUNT, name) == "2"


async def test_a_column_that_is_dropped_is_made_again(
    database_server: Postgres, name: str, outbox: Outbox
) -> None:
    async with running(database_server.uri(name), outbox):
        outbox.store(PREDICTION, [row()])
        await until(lambda: outbox.depth == 0, 60)
        database_server.query("ALTER TABLE wine_predictions DROP COLUMN warnings", name)
        outbox.store(PREDICTION, [row()])
        await until(lambda: outbox.depth == 0, 60)
    assert database_server.query(f"{COUNT} WHERE warnings IS NOT NULL", name) == "1"


KILLS = """
CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
$$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN new; END $$;
CREATE TRIGGER dies BEFORE INSERT ON wine_predictions
    FOR EACH ROW WHEN (new.country = 'Chile') EXECUTE FUNCTION die();
"""


async def test_a_row_that_kills_its_session_is_kept_apart_and_others_pass(
    database_server: Postgres, name: str, outbox: Outbox
) -> None:
    async with running(database_server.uri(name), outbox) as relay:
        await until(lambda: relay.state.migrated, 60)
        database_server.query(KILLS, name)
        outbox.store(PREDICTION, [row() for _ in range(40)] + [row("Chile")] + [row() for _ in range(40)])
        await until(lambda: database_server.query(COUNT, name) == "80", 60)
        await keep_going(database_server, name, outbox, lambda: outbox.dead_letters == 1)
        await until(lambda: outbox.depth == 0, 60)
    assert database_server.query(f"{COUNT} WHERE country = 'Chile'", name) == "0"


async def test_a_row_is_not_blamed_for_the_end_of_a_database(
    database_server: Postgres, name: str, outbox: Outbox
) -> None:
    async with running(database_server.uri(name), outbox) as relay:
        outbox.store(PREDICTION, [row()])
        await until(lambda: outbox.depth == 0, 60)
        database_server.stop()
        try:
            outbox.store(PREDICTION, [row()])
            await until(lambda: relay.state.retries > 4, 60)
            assert relay.state.problem == "unreachable"
        finally:
            database_server.start()
        await until(lambda: outbox.depth == 0, 60)
        assert (outbox.dead_letters, relay.state.problem) == (0, None)
    assert database_server.query(COUNT, name) == "2"


async def test_a_wrong_password_is_a_category_of_its_own(
    database_server: Postgres, name: str, outbox: Outbox
) -> None:
    uri = database_server.uri(name).replace("s3cret-Word", "an0ther-Word")
    async with running(uri, outbox) as relay:
        await until(lambda: relay.state.retries > 1, 60)
        assert relay.state.problem == "credentials"
        assert "an0ther-Word" not in (relay.state.last_error or "")
