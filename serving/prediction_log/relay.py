"""The one task that publishes the rows of the outbox to the database.

It sleeps while there are none, so an idle service sends nothing and the database may suspend itself.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from serving.prediction_log.database import Database
from serving.prediction_log.faults import Fault, category, fault_of, is_crash
from serving.prediction_log.migrate import migrate
from serving.prediction_log.outbox import BATCH_BYTES, Outbox, QueuedRow, RefusedRow
from serving.prediction_log.publisher import Publisher, refusal

log = logging.getLogger(__name__)

BATCH_ROWS: Final = 500
FASTEST_RETRY_SECONDS: Final = 0.25
SLOWEST_RETRY_SECONDS: Final = 30.0
MOST_DOUBLINGS: Final = 7
STRIKES: Final = 3
"""How often a row fails alone, while others of its kind pass, before it is a dead letter."""
MAX_HELD: Final = 20
_LOGGED_FAILURES: Final = frozenset({1, 9})


@dataclass(slots=True)
class RelayState:
    """What the task has done so far, for metrics and health. `problem` is a category, `last_error` a text."""

    published: int = 0
    refused: int = 0
    retries: int = 0
    crashes: int = 0
    migrated: bool = False
    problem: str | None = None
    last_error: str | None = None


@dataclass(slots=True)
class Relay:
    """Publishes rows until it is stopped. `flush_seconds` lets rows gather before they are sent."""

    outbox: Outbox
    database: Database
    flush_seconds: float
    batch_bytes: int = BATCH_BYTES
    state: RelayState = field(default_factory=RelayState)
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _limit: int = BATCH_ROWS
    _failures: int = 0
    _again: bool = False
    _strikes: Counter[int] = field(default_factory=Counter)

    async def run(self) -> None:
        """Publish rows until `stop`. Whatever fails is counted and shown, and tried again after a while."""
        while not self._stopping.is_set():
            try:
                await self._work()
            except Exception as error:  # noqa: BLE001 - nothing may end this task; the state says what happened
                self._note(error)
                await self._back_off()

    async def stop(self, running: asyncio.Task[None], deadline_seconds: float) -> None:
        """Stop the task that runs, then try once more to publish what is left, all within a deadline."""
        self._stopping.set()
        try:
            async with asyncio.timeout(deadline_seconds):
                await asyncio.gather(running, return_exceptions=True)
                while self.outbox.depth > len(self.outbox.held):
                    await self._publish_batch()
        except Exception as error:  # noqa: BLE001 - the rows stay on disk, and the service has to stop
            self._note(error)

    async def _work(self) -> None:
        if not self.state.migrated:
            await self._migrate()
        await self._rows_arrived()
        await self._pause(self.flush_seconds)
        while self.outbox.depth and not self._stopping.is_set():
            await self._publish_batch()

    async def _rows_arrived(self) -> None:
        waits = [asyncio.ensure_future(event.wait()) for event in (self.outbox.arrived, self._stopping)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def _publish_batch(self) -> None:
        """The oldest rows, then one of those that are held. Raises whatever stopped it."""
        if not self.state.migrated:
            await self._migrate()
        rows = self.outbox.peek(self._limit, self.batch_bytes)
        if rows:
            await self._publish(rows)
        if self.outbox.held:
            await self._retry_held({row.kind for row in rows})
        await self.outbox.fold_log()

    async def _publish(self, rows: Sequence[QueuedRow]) -> None:
        try:
            refused = await Publisher(self.database).insert(rows)
        except Exception as error:
            await self._react(error, rows)
            raise
        self.outbox.remove(rows, refused)
        self._succeeded(len(rows), refused)
        self._limit = min(BATCH_ROWS, 2 * self._limit)

    async def _react(self, error: Exception, rows: Sequence[QueuedRow]) -> None:
        """Missing tables are made again. What fails while the database answers is tried in smaller parts."""
        fault = fault_of(error)
        if fault is Fault.SCHEMA:
            self.state.migrated, self._again = False, True
        if fault is not Fault.SUSPECT or not await self.database.answers():
            return
        if len(rows) > 1:
            self._limit, self._failures = len(rows) // 2, 0
        elif len(self.outbox.held) < MAX_HELD:
            self.outbox.hold(rows[0])
            self._limit, self._failures = BATCH_ROWS, 0

    async def _retry_held(self, passed: set[str]) -> None:
        """Try one held row alone. It is refused where others of its kind pass and it never does."""
        row = min(self.outbox.held.values(), key=lambda held: (self._strikes[held.seq], held.seq))
        try:
            refused = await Publisher(self.database).insert([row])
        except Exception as error:
            if row.kind not in passed:
                raise
            self._strikes[row.seq] += 1
            if self._strikes[row.seq] < STRIKES or not await self.database.answers():
                return
            refused = [refusal(row, error)]
        self._strikes.pop(row.seq, None)
        self.outbox.release(row, refused[0] if refused else None)
        self._succeeded(1, refused)

    def _succeeded(self, rows: int, refused: Sequence[RefusedRow]) -> None:
        self.state.published += rows - len(refused)
        self.state.refused += len(refused)
        self.state.problem = self.state.last_error = None
        self._failures = 0

    async def _migrate(self) -> None:
        for name in await migrate(self.database, again=self._again):
            log.info("Applied migration %s to %s", name, self.database.address)
        self.state.migrated, self._again = True, False
        self.state.problem = self.state.last_error = None

    async def _back_off(self) -> None:
        seconds = FASTEST_RETRY_SECONDS * 2 ** min(self._failures, MOST_DOUBLINGS)
        self._failures += 1
        self.state.retries += 1
        spread = random.uniform(0.75, 1.25)  # noqa: S311 - spreads retries, no secret
        await self._pause(min(SLOWEST_RETRY_SECONDS, seconds) * spread)

    def _note(self, error: Exception) -> None:
        self.state.problem = category(error)
        self.state.last_error = f"{type(error).__name__}: {error}"[:2_000]
        self.state.crashes += is_crash(error)
        if self._failures + 1 in _LOGGED_FAILURES:
            log.warning(
                "Rows wait in the outbox, %s cannot be written: %s",
                self.database.address,
                self.state.last_error,
                exc_info=error if is_crash(error) else None,
            )

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return
