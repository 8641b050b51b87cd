"""Reading the tables of the service: requests, answers, and what wines really cost.

Times go to the database as UTC without a zone, which is how `created_at` is written, so neither the
server's zone nor this host's changes a window.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

import asyncpg
import numpy as np
import pandas as pd

from configuration.postgresql import PostgresAddress
from flows.data.connection import ask
from pricing.wine.schema import FIELDS

T = TypeVar("T")

_ABSENT: Final = (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError)
_FIELDS: Final = ", ".join(f"p.{name}" for name in FIELDS)

_SAMPLE: Final = f"""
    SELECT p.request_id::text, {_FIELDS}, p.predicted_price, p.expected_error, p.model_version, p.created_at
    FROM wine_predictions p WHERE p.created_at >= $1 AND p.created_at < $2
    ORDER BY md5(p.id::text) LIMIT $3
"""  # noqa: S608 - the names are those of this project
_VERSIONS: Final = """
    SELECT coalesce(model_version, 'unknown') AS version, count(*) AS rows,
           count(*) FILTER (WHERE jsonb_array_length(coalesce(warnings, '[]')) > 0) AS warned
    FROM wine_predictions WHERE created_at >= $1 AND created_at < $2 GROUP BY 1
"""
_FEEDBACK: Final = f"""
    SELECT f.request_id::text, {_FIELDS}, p.predicted_price, p.expected_error, p.model_version,
           f.actual_price, f.received_at, f.client, f.source
    FROM wine_feedback f LEFT JOIN wine_predictions p ON p.request_id = f.request_id
    WHERE f.received_at >= $1 AND f.received_at < $2
    ORDER BY f.received_at DESC, f.request_id LIMIT $3
"""  # noqa: S608
_INSERT: Final = """
    INSERT INTO wine_feedback (request_id, actual_price, received_at, client, source)
    SELECT * FROM unnest($1::uuid[], $2::numeric[], $3::timestamptz[], $4::text[], $5::text[])
    ON CONFLICT (request_id) DO NOTHING RETURNING request_id::text
"""
_KNOWN: Final = "SELECT request_id::text FROM wine_predictions WHERE request_id = ANY($1::uuid[])"

PREDICTION_COLUMNS: Final = (
    "request_id",
    *FIELDS,
    "predicted_price",
    "expected_error",
    "model_version",
    "created_at",
)
FEEDBACK_COLUMNS: Final = (
    *PREDICTION_COLUMNS[:-1],
    "actual_price",
    "received_at",
    "client",
    "source",
)
SHADOW_COLUMNS: Final = ("predicted_price", "shadow_price")
_SHADOW: Final = """
    SELECT p.predicted_price, s.predicted_price AS shadow_price
    FROM wine_shadow_predictions s JOIN wine_predictions p ON p.request_id = s.request_id
    WHERE s.model_version = $1 ORDER BY s.created_at DESC LIMIT $2
"""
MOST_FEEDBACK: Final = 200_000


@dataclass(frozen=True, slots=True)
class LogWindow:
    """The inference log between two times.

    `sample` are its rows (`PREDICTION_COLUMNS`), at most as many as asked for, drawn by a hash so that two
    checks of one window see the same ones; `versions` counts all rows by the model version that answered.
    """

    start: datetime
    end: datetime
    sample: pd.DataFrame
    versions: Mapping[str, int]
    warned: int

    @property
    def rows(self) -> int:
        return sum(self.versions.values())


class InferenceLog:
    """The service's tables, one short connection for each question. A missing table is an empty one."""

    def __init__(self, address: PostgresAddress) -> None:
        self._address = address

    def window(self, start: datetime, end: datetime, *, rows: int) -> LogWindow:
        """The predictions between two aware times, sampled down to `rows`."""

        async def read(connection: asyncpg.Connection) -> tuple[list[Any], list[Any]]:
            between = (_utc(start), _utc(end))
            sample = await _fetch(connection, _SAMPLE, *between, rows)
            return sample, await _fetch(connection, _VERSIONS, *between)

        sample, versions = self._ask(read)
        return LogWindow(
            start=start,
            end=end,
            sample=_frame(sample, PREDICTION_COLUMNS),
            versions={row["version"]: row["rows"] for row in versions},
            warned=sum(row["warned"] for row in versions),
        )

    def feedback(self, start: datetime, end: datetime) -> pd.DataFrame:
        """Feedback received between two aware times (`FEEDBACK_COLUMNS`), newest first.

        Rows for an unknown request have the columns of the prediction empty.
        """

        async def read(connection: asyncpg.Connection) -> list[Any]:
            return await _fetch(connection, _FEEDBACK, start, end, MOST_FEEDBACK)

        return _frame(self._ask(read), FEEDBACK_COLUMNS)

    def shadow(self, version: str, *, rows: int = 20_000) -> pd.DataFrame:
        """Newest requests that a candidate priced in the shadow of production: both prices (USD)."""

        async def read(connection: asyncpg.Connection) -> list[Any]:
            return await _fetch(connection, _SHADOW, version, rows)

        return _frame(self._ask(read), SHADOW_COLUMNS)

    def add_feedback(self, rows: pd.DataFrame, *, received_at: datetime) -> tuple[set[str], set[str]]:
        """Add prices (`request_id`, `actual_price`, `client`, `source`).

        Gives the ids that were new, and those of all ids for which a prediction is known.
        """

        async def write(connection: asyncpg.Connection) -> tuple[set[str], set[str]]:
            ids = rows["request_id"].tolist()
            async with connection.transaction():
                added = await connection.fetch(_INSERT, ids, rows["actual_price"].tolist(),
                                               [received_at] * len(rows), rows["client"].tolist(),
                                               rows["source"].tolist())  # fmt: skip
                known = await connection.fetch(_KNOWN, ids)
            return {row["request_id"] for row in added}, {row["request_id"] for row in known}

        return self._ask(write)

    def _ask(self, question: Callable[[Any], Awaitable[T]]) -> T:
        return ask(
            self._address,
            question,
            failed="The database of the inference log does not answer",
            advice="Check NEON_URI and that the database runs; nothing was changed, run again.",
        )


async def _fetch(connection: asyncpg.Connection, query: str, *values: object) -> list[Any]:
    try:
        return list(await connection.fetch(query, *values))
    except _ABSENT:
        return []


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)


def _frame(rows: Sequence[Any], columns: Sequence[str]) -> pd.DataFrame:
    frame = pd.DataFrame([tuple(row) for row in rows], columns=list(columns), dtype="object")
    numbers = [
        name
        for name in ("points", "predicted_price", "shadow_price", "expected_error", "actual_price")
        if name in frame
    ]
    return frame.assign(**{name: frame[name].astype("float64").replace(np.inf, np.nan) for name in numbers})
