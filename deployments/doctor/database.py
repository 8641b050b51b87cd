"""The database of the logs: whether it answers, has its tables, and may be written."""

from __future__ import annotations

import asyncio
import ssl
from typing import Final

import asyncpg

from configuration.errors import SettingsError
from configuration.postgresql import PostgresAddress, postgres_address
from deployments.doctor.finding import Env, Finding, fail, ok, skip, warn

TABLES: Final = ("wine_predictions", "wine_feedback", "wine_shadow_predictions")
MAY_WRITE: Final = """
    SELECT name, to_regclass(name) IS NOT NULL,
           to_regclass(name) IS NOT NULL AND has_table_privilege(name, 'SELECT, INSERT')
    FROM unnest($1::text[]) AS name
"""


def check_database(env: Env) -> list[Finding]:
    uri = env.get("NEON_URI", "").strip()
    if not uri:
        return [skip("database", "NEON_URI is not set: predictions are not logged, feedback is not read")]
    try:
        where = postgres_address("NEON_URI", uri)
        rows = asyncio.run(_tables(where))
    except SettingsError as error:
        return [fail("database", str(error), "Copy the connection string from the console.")]
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, ssl.SSLError) as error:
        todo = "Is the string complete, the project awake, the password current, the network open?"
        return [fail("database", f"no connection: {type(error).__name__}: {error}", todo)]
    return [ok("database", f"{where.name} answers"), *(_table(*row) for row in rows)]


async def _tables(where: PostgresAddress) -> list[tuple[str, bool, bool]]:
    connection = await asyncpg.connect(where.dsn, timeout=20, statement_cache_size=0, **where.tls())
    try:
        return [tuple(row) for row in await connection.fetch(MAY_WRITE, list(TABLES))]
    finally:
        await connection.close()


def _table(name: str, exists: bool, writable: bool) -> Finding:  # a row
    if not exists:
        return warn(f"table {name}", "does not exist", "The service makes it when it first starts.")
    if not writable:
        return fail(f"table {name}", "may not be written", f"GRANT SELECT, INSERT, UPDATE ON {name} TO …;")
    return ok(f"table {name}", "may be read and written")
