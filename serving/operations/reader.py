"""Reads the report from the database: only when somebody looks, and at most once a minute per span."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

import asyncpg

from serving.operations.queries import FIGURES, REALISED, VERSIONS, WARNINGS
from serving.operations.report import Log, OperationsReport, ServiceNow, Span, assemble
from serving.prediction_log.database import UNREACHABLE, Database

log = logging.getLogger(__name__)

KEPT_SECONDS: Final = 60.0
QUERY_TIMEOUT: Final = "10s"


class OperationsReader:
    """Makes reports. `service` says what the process knows of itself; `database` is None without one."""

    def __init__(
        self,
        database: Database | None,
        service: Callable[[], ServiceNow],
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._service = service
        self._now = now
        self._clock = clock
        self._kept: dict[str, tuple[float, datetime, Log]] = {}
        self._reading = asyncio.Lock()

    async def report(self, span: Span) -> OperationsReport:
        """The report of the last `span.length`. A database that does not answer is said, not raised."""
        until = self._now()
        found: Log | None = None
        state = "not configured"
        if self._database is not None:
            try:
                until, found = await self._log(span, self._database)
                state = "ok"
            except UNREACHABLE as error:
                log.warning("The operators' page got nothing from the database: %s", type(error).__name__)
                state = "unreachable"
        return OperationsReport(
            span=span.name,
            since=until - span.length,
            until=until,
            bucket_seconds=span.bucket.total_seconds(),
            database=state,
            service=self._service(),
            log=found,
        )

    async def _log(self, span: Span, database: Database) -> tuple[datetime, Log]:
        """The log of a span and when it was read. Whoever asks while it is being read waits for the same."""
        async with self._reading:
            kept = self._kept.get(span.name)
            if kept is None or self._clock() - kept[0] >= KEPT_SECONDS:
                read_at = self._now()
                kept = (self._clock(), read_at, await _read(database, span, read_at))
                self._kept[span.name] = kept
        return kept[1], kept[2]


async def _read(database: Database, span: Span, until: datetime) -> Log:
    since = (until - span.length).astimezone(UTC).replace(tzinfo=None)
    async with database.transaction() as connection:
        await connection.execute("SET TRANSACTION READ ONLY")
        await connection.execute(f"SET LOCAL statement_timeout = '{QUERY_TIMEOUT}'")
        try:
            figures = await connection.fetch(FIGURES, since, span.bucket)
            realised = await connection.fetch(REALISED, since, span.bucket)
            versions = await connection.fetch(VERSIONS, since, span.bucket)
            warnings = await connection.fetch(WARNINGS, since)
        except (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError):
            # The tables are made, or extended, when the first row is logged; before it there is no news.
            return assemble([], [], [], [])
    return assemble(figures, realised, versions, warnings)
