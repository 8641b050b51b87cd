"""The tables that the service writes, brought to their present form by plain SQL files in order."""

from __future__ import annotations

from importlib import resources
from typing import Final

import asyncpg

from serving.prediction_log.database import Database

_LOCK: Final = 7_860_2026
"""Key of the advisory lock under which one service at a time migrates."""

_APPLIED: Final = """
CREATE TABLE IF NOT EXISTS wine_serving_migrations (
    name TEXT PRIMARY KEY, applied_at TIMESTAMPTZ NOT NULL DEFAULT NOW()
)
"""


async def migrate(database: Database, *, again: bool = False) -> list[str]:
    """Apply the files that have not been applied; their names. Services that start together do no harm.

    `again` applies all of them, each of which is idempotent: somebody has dropped what one of them made.
    Raises one of `serving.prediction_log.database.UNREACHABLE`.
    """
    async with database.transaction() as connection:
        await connection.execute(f"SELECT pg_advisory_xact_lock({_LOCK})")
        await connection.execute(_APPLIED)
        done = {row["name"] for row in await connection.fetch("SELECT name FROM wine_serving_migrations")}
        missing = [name for name in migration_names() if again or name not in done]
        for name in missing:
            await _apply(connection, name)
    return missing


def migration_names() -> list[str]:
    """The SQL files, in the order in which they apply."""
    folder = resources.files("serving.prediction_log.migrations")
    return sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))


async def _apply(connection: asyncpg.Connection, name: str) -> None:
    await connection.execute(
        resources.files("serving.prediction_log.migrations").joinpath(name).read_text("utf-8")
    )
    await connection.execute(
        "INSERT INTO wine_serving_migrations (name) VALUES ($1) ON CONFLICT (name) DO NOTHING", name
    )
