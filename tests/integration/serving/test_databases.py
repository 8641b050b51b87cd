"""The database as it is found: the original version's table, TLS, a pooler, services that start together."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import httpx
import pytest

from serving.prediction_log.database import Database
from serving.prediction_log.migrate import migrate, migration_names
from tests.pace import patience
from tests.serving_kit.certificates import write_certificates
from tests.serving_kit.load import WINE, Load
from tests.serving_kit.postgres import Postgres, give_to_postgres, pgbouncer
from tests.serving_kit.services import service, wait_for

pytestmark = pytest.mark.integration

ORIGINAL_TABLE = """
CREATE TABLE wine_predictions (
    id SERIAL PRIMARY KEY, country TEXT, description TEXT, province TEXT, millesime TEXT,
    predicted_price NUMERIC, created_at TIMESTAMP DEFAULT NOW());
INSERT INTO wine_predictions (country, description, province, millesime, predicted_price)
SELECT 'France', 'Vin rouge', 'Bordeaux', '2015', 23.45 FROM generate_series(1, 1000);
"""


def test_the_original_clients_and_table_keep_working(database_server: Postgres, state: Path) -> None:
    uri = database_server.create_database("original")
    database_server.query(ORIGINAL_TABLE, "original")
    database_server.query("ALTER TABLE wine_predictions OWNER TO wine", "original")
    with service(state, {"NEON_URI": uri, "OUTBOX_FLUSH_SECONDS": "0.1"}) as running:
        health = httpx.get(f"{running.address}/health", timeout=patience(20)).json()
        assert (health["status"], health["model_name"]) == ("OK", "WinePriceRegressorPipeline")
        four = {name: str(WINE[name]) for name in ("country", "description", "province", "millesime")}
        answer = httpx.post(f"{running.address}/predict", json=four, timeout=patience(20))
        assert answer.status_code == 200
        assert answer.json()["prediction"] == round(answer.json()["prediction"], 2)
        malformed = httpx.post(f"{running.address}/predict", json={"country": "France"}, timeout=patience(20))
        assert malformed.status_code in {400, 422}
        assert "detail" in malformed.json()
        counting = "SELECT count(*) FROM wine_predictions"
        wait_for(lambda: database_server.query(counting, "original") == "1001", what="the new row")
    rows = database_server.query(
        "SELECT count(*), min(predicted_price), max(predicted_price) FROM wine_predictions"
        " WHERE request_id IS NULL",
        "original",
    )
    assert rows == "1000|23.45|23.45", "nothing in it is lost"
    last = "SELECT country, millesime, model_version FROM wine_predictions ORDER BY id DESC LIMIT 1"
    assert database_server.query(last, "original") == "France|2015|1"


async def test_services_that_start_together_migrate_once(database_server: Postgres) -> None:
    uri = database_server.create_database("together")
    databases = [Database(uri, idle_seconds=10) for _ in range(5)]
    applied = await asyncio.gather(*(migrate(database) for database in databases))
    assert sorted(name for names in applied for name in names) == migration_names()
    assert await migrate(databases[0]) == []
    for database in databases:
        await database.close()


@pytest.mark.needs("postgresql", "pgbouncer")
def test_a_pooler_in_transaction_mode_carries_the_log(database_server: Postgres, state: Path) -> None:
    uri = database_server.create_database("pooled")
    with pgbouncer(database_server) as port:
        pooled = uri.replace(f":{database_server.port}/", f":{port}/")
        with service(state, {"NEON_URI": pooled, "OUTBOX_FLUSH_SECONDS": "0"}) as running:
            asyncio.run(Load(running.port, requests=1_500).run())
            wait_for(lambda: running.health()["outbox"]["rows"] == 0, what="an empty outbox")
            assert running.health()["outbox"]["dead_letters"] == 0
    assert database_server.query("SELECT count(*) FROM wine_predictions", "pooled") == "1500"


@pytest.fixture(scope="module")
def authority(database_server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the server speak TLS; the certificate of who signed for it."""
    folder = tmp_path_factory.mktemp("certificates")
    certificate = write_certificates(folder)
    for name in ("server.crt", "server.key"):
        shutil.copy(folder / name, database_server.folder / "data" / name)
    give_to_postgres(database_server.folder)
    database_server.query("ALTER SYSTEM SET ssl = on")
    database_server.query("SELECT pg_reload_conf()")
    database_server.create_database("tls")
    wait_for(lambda: database_server.query("SHOW ssl") == "on", what="TLS")
    return certificate


async def test_a_server_that_our_authority_signed_for_is_trusted(
    database_server: Postgres, authority: Path
) -> None:
    query = f"?sslmode=verify-full&channel_binding=require&sslrootcert={authority}"
    database = Database(database_server.uri("tls", query), idle_seconds=10)
    async with database.transaction() as connection:
        found = await connection.fetchval("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
    assert found is True
    await database.close()


async def test_sslmode_require_encrypts(database_server: Postgres, authority: Path) -> None:
    database = Database(database_server.uri("tls", "?sslmode=require"), idle_seconds=10)
    async with database.transaction() as connection:
        assert await connection.fetchval("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
    await database.close()


async def test_channel_binding_wants_a_certificate_that_holds(
    database_server: Postgres, authority: Path
) -> None:
    query = "?sslmode=require&channel_binding=require"
    database = Database(database_server.uri("tls", query), idle_seconds=10)
    with pytest.raises(OSError, match="certificate verify failed"):
        async with database.transaction():
            pass
    await database.close()
