"""Old rows of the prediction log, moved to Parquet files a day at a time: all of a day or nothing.

A day is read, written, read back and deleted in one transaction that sees one state of the table: a row that
arrives meanwhile stays, and after a cut the same day gives the same file under the same name.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final, TypeVar

import asyncpg
import pyarrow as pa
import pyarrow.parquet as pq

from configuration.postgresql import PostgresAddress
from flows.data import storage
from flows.data.connection import ask
from flows.errors import DataUnavailable

T = TypeVar("T")

CHUNK: Final = 20_000
"""Rows in memory at once."""
_UNPAID: Final = "NOT EXISTS (SELECT 1 FROM wine_feedback f WHERE f.request_id = t.request_id)"
TABLES: Final = {"wine_predictions": _UNPAID, "wine_shadow_predictions": "true"}
"""What is moved, and which of its rows: those whose price is known train models, so they stay."""
_TYPES: Final = {
    "integer": ("{0}", pa.int64()),
    "bigint": ("{0}", pa.int64()),
    "double precision": ("{0}", pa.float64()),
    "numeric": ("{0}::float8", pa.float64()),
    "boolean": ("{0}", pa.bool_()),
    "timestamp without time zone": ("{0}", pa.timestamp("us")),
    "timestamp with time zone": ("{0}", pa.timestamp("us", tz="UTC")),
}
_AS_TEXT: Final = ("{0}::text", pa.string())


@dataclass(frozen=True, slots=True)
class ArchivedDay:
    """One day of one table: `rows` of it are now in `uri`, which has `size` bytes."""

    table: str
    day: date
    rows: int
    uri: str
    size: int


@dataclass(frozen=True, slots=True)
class _Part:
    table: str
    day: date

    @property
    def condition(self) -> str:
        return f"t.created_at >= $1 AND t.created_at < $2 AND {TABLES[self.table]}"

    def bounds(self, *, zone: bool) -> tuple[datetime, datetime]:
        start = datetime.combine(self.day, time(), UTC if zone else None)
        return start, start + timedelta(days=1)


class LogArchive:
    """The log at `address`, and the `folder` (`s3://…`, `file://…`, a path) that its old days go to."""

    def __init__(self, address: PostgresAddress, folder: str) -> None:
        self._address = address
        self._folder = folder

    def days(self, table: str, *, before: date) -> list[date]:
        """Days before a day that have rows to move, oldest first."""
        query = (
            f"SELECT DISTINCT (t.created_at AT TIME ZONE 'UTC')::date FROM {table} t "  # noqa: S608 - our names
            f"WHERE t.created_at < $1 AND {TABLES[table]} ORDER BY 1"
        )

        async def read(connection: asyncpg.Connection) -> list[date]:
            columns = await _columns(connection, table)
            if not columns:
                return []
            found = query
            if not _zoned(columns):  # such a column holds UTC
                found = query.replace(" AT TIME ZONE 'UTC'", "")
            limit, _ = _Part(table, before).bounds(zone=_zoned(columns))
            return [row[0] for row in await connection.fetch(found, limit)]

        return self._ask(read)

    def move(self, table: str, day: date) -> ArchivedDay:
        """Move one day (UTC). Raises DataUnavailable or DatabaseUnreachable with the day left there."""
        part = _Part(table, day)

        async def moved(connection: asyncpg.Connection) -> ArchivedDay:
            columns = await _columns(connection, table)
            async with connection.transaction(isolation="repeatable_read"):
                bounds = part.bounds(zone=_zoned(columns))
                with tempfile.TemporaryDirectory() as scratch:
                    path = Path(scratch) / "day.parquet"
                    rows = await _write(_chunks(connection, part, columns, bounds), columns, path)
                    uri = self._keep(part, path, rows)
                    size = path.stat().st_size
                await connection.execute(
                    f"DELETE FROM {table} t WHERE {part.condition}",  # noqa: S608
                    *bounds,
                    timeout=600,
                )
            return ArchivedDay(table, day, rows, uri, size)

        return self._ask(moved)

    def _keep(self, part: _Part, path: Path, rows: int) -> str:
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()[:12]
        folder = f"{part.table}/year={part.day:%Y}/month={part.day:%m}"
        uri = storage.join(self._folder, f"{folder}/{part.day:%Y-%m-%d}-{digest}.parquet")
        storage.write_bytes(uri, content)
        if storage.read_bytes(uri) != content:
            raise DataUnavailable(
                f"{uri} does not hold what was written ({rows:,} rows). Nothing was deleted."
            )
        return uri

    def _ask(self, question: Callable[[Any], Awaitable[T]]) -> T:
        return ask(
            self._address,
            question,
            failed="The log could not be archived",
            advice="Check NEON_URI, that the database runs and that its role may DELETE; the day is still in "
            "the table, run again.",
        )


async def _columns(connection: asyncpg.Connection, table: str) -> list[tuple[str, str]]:
    """Name and type of each column; none where there is no such table."""
    query = (
        "SELECT column_name, data_type FROM information_schema.columns "
        "WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position"
    )
    return [(row[0], row[1]) for row in await connection.fetch(query, table)]


def _zoned(columns: Sequence[tuple[str, str]]) -> bool:
    return dict(columns)["created_at"] == "timestamp with time zone"


async def _chunks(
    connection: asyncpg.Connection,
    part: _Part,
    columns: Sequence[tuple[str, str]],
    bounds: tuple[datetime, datetime],
) -> AsyncIterator[list[Any]]:
    listed = ", ".join(
        f"{_TYPES.get(kind, _AS_TEXT)[0].format(f't.{name}')} AS {name}" for name, kind in columns
    )
    query = (
        f"SELECT {listed} FROM {part.table} t WHERE {part.condition} "  # noqa: S608
        "ORDER BY t.created_at, t.request_id"
    )
    cursor = await connection.cursor(query, *bounds)
    while rows := await cursor.fetch(CHUNK):
        yield rows


async def _write(chunks: AsyncIterator[list[Any]], columns: Sequence[tuple[str, str]], path: Path) -> int:
    """Write the rows as Parquet; how many they are."""
    schema = pa.schema([(name, _TYPES.get(kind, _AS_TEXT)[1]) for name, kind in columns])
    written = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        async for rows in chunks:
            arrays = [pa.array([row[name] for row in rows], schema.field(name).type) for name in schema.names]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
            written += len(rows)
    return written
