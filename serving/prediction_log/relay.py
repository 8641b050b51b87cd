"""The one task that moves rows from the outbox to the database.

It sleeps while there are none, so an idle service sends nothing and the database may suspend itself.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import Any, Final

import asyncpg

from serving.prediction_log.database import UNREACHABLE, Database
from serving.prediction_log.migrate import migrate
from serving.prediction_log.outbox import CHECKPOINT_BYTES, Outbox, QueuedRow, RefusedRow
from serving.prediction_log.outbox_folder import OutboxFolder
from serving.prediction_log.records import KINDS, insert_statement

log = logging.getLogger(__name__)

BATCH_ROWS: Final = 500
SLOWEST_RETRY_SECONDS: Final = 30.0
ADOPTION_SECONDS: Final = 60.0
_STATEMENTS: Final = {kind: insert_statement(kind) for kind in KINDS}
_OWN_FAULT: Final = ("22", "23")
"""SQLSTATE classes of rows that no retry will bring in: data exceptions, violated constraints."""


@dataclass(slots=True)
class RelayState:
    """What the task has done so far, for metrics and health."""

    moved: int = 0
    refused: int = 0
    retries: int = 0
    crashes: int = 0
    migrated: bool = False
    last_error: str | None = None


@dataclass(slots=True)
class Relay:
    """Moves rows until it is stopped. `flush_seconds` lets rows gather before they are sent."""

    outbox: Outbox
    folder: OutboxFolder
    database: Database
    flush_seconds: float
    state: RelayState = field(default_factory=RelayState)
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Move rows until `stop`; after an error of its own it starts over."""
        while not self._stopping.is_set():
            try:
                await self._work()
            except Exception:
                self.state.crashes += 1
                log.exception("The task that moves rows to the database failed; it starts over")
                await self._pause(1.0)

    async def stop(self, running: asyncio.Task[None], deadline_seconds: float) -> None:
        """Stop the task that runs, then try once more to move what is left, all within a deadline."""
        self._stopping.set()
        try:
            async with asyncio.timeout(deadline_seconds):
                await asyncio.gather(running, return_exceptions=True)
                while self.outbox.depth:
                    await self._move_batch()
        except UNREACHABLE as error:
            self._note(error)

    async def _work(self) -> None:
        await self._migrate_first()
        while not self._stopping.is_set():
            if not await self._rows_arrived():
                self.folder.adopt_orphans(self.outbox)
                continue
            await self._pause(self.flush_seconds)
            await self._move_all()

    async def _migrate_first(self) -> None:
        failures = 0
        while not self._stopping.is_set() and not self.state.migrated:
            try:
                await self._migrate()
            except UNREACHABLE as error:
                failures = await self._back_off(failures, error)

    async def _rows_arrived(self) -> bool:
        arrived, stopping = (
            asyncio.ensure_future(event.wait()) for event in (self.outbox.arrived, self._stopping)
        )
        try:
            await asyncio.wait(
                (arrived, stopping), timeout=ADOPTION_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            arrived.cancel()
            stopping.cancel()
        return self.outbox.arrived.is_set()

    async def _move_all(self) -> None:
        failures = 0
        while self.outbox.depth and not self._stopping.is_set():
            try:
                await self._move_batch()
                failures = 0
            except UNREACHABLE as error:
                failures = await self._back_off(failures, error)

    async def _move_batch(self) -> None:
        if not self.state.migrated:
            await self._migrate()
        rows = self.outbox.peek(BATCH_ROWS)
        refused: list[RefusedRow] = []
        for kind, alike in groupby(sorted(rows, key=attrgetter("kind")), key=attrgetter("kind")):
            await self._insert(kind, list(alike), refused)
        self.outbox.forget(rows, refused)
        self.state.moved += len(rows) - len(refused)
        self.state.refused += len(refused)
        self.state.last_error = None
        await self._fold_log()

    async def _fold_log(self) -> None:
        """Keep the outbox's write-ahead log short, during an outage as well."""
        if self.outbox.wal_bytes() > CHECKPOINT_BYTES:
            await self.outbox.checkpoint()

    async def _migrate(self) -> None:
        for name in await migrate(self.database):
            log.info("Applied migration %s to %s", name, self.database.address.name)
        self.state.migrated = True
        self.state.last_error = None

    async def _insert(self, kind: str, rows: Sequence[QueuedRow], refused: list[RefusedRow]) -> None:
        """Insert rows of one kind; where the database refuses some for their own reason, find out which."""
        try:
            async with self.database.transaction() as connection:
                await connection.execute(_STATEMENTS[kind], json_array(rows))
        except asyncpg.PostgresError as error:
            sqlstate: Any = error.sqlstate or ""
            if not sqlstate.startswith(_OWN_FAULT):
                raise
            if len(rows) == 1:
                log.warning(
                    "The database refuses a %s row (%s: %s); it is kept as a dead letter",
                    kind,
                    sqlstate,
                    error,
                )
                refused.append(RefusedRow(rows[0], sqlstate, str(error)))
                return
            middle = len(rows) // 2
            await self._insert(kind, rows[:middle], refused)
            await self._insert(kind, rows[middle:], refused)

    async def _back_off(self, failures: int, error: BaseException) -> int:
        self._note(error)
        self.state.retries += 1
        seconds = min(SLOWEST_RETRY_SECONDS, 0.25 * 2**failures)
        if failures in {0, 8}:
            log.warning(
                "The database %s cannot be reached, rows wait in the outbox: %s",
                self.database.address.name,
                error,
            )
        await self._fold_log()
        await self._pause(seconds * random.uniform(0.75, 1.25))  # noqa: S311 - spreads retries, no secret
        return failures + 1

    def _note(self, error: BaseException) -> None:
        self.state.last_error = f"{type(error).__name__}: {error}"

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return


def json_array(rows: Sequence[QueuedRow]) -> str:
    """Rows, each a JSON object, as one JSON array."""
    return (b"[" + b",".join([row.payload for row in rows]) + b"]").decode()
