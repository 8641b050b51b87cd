"""The rows that still have to reach the database, kept on disk until they have.

A row is written before its request is answered, so an answered request survives `kill -9`, an outage
of the database of any length, and a restart. Rows that are stored together share one transaction: alone
a row costs about 25 microseconds, in company 5.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple

from serving.prediction_log import sqlite_file

log = logging.getLogger(__name__)

CHECKPOINT_BYTES: Final = 16 * 2**20
BATCH_BYTES: Final = 4 * 2**20
MAX_DEAD_LETTERS: Final = 10_000
IN_MEMORY: Final = Path(":memory:")
"""Where an outbox lives whose disk is full when the service starts."""

_INSERT: Final = "INSERT INTO outbox (kind, payload, queued_at) VALUES (?, ?, ?)"
_INSERT_DEAD: Final = (
    "INSERT INTO dead_letters (kind, payload, queued_at, refused_at, sqlstate, reason)"
    " VALUES (?, ?, ?, ?, ?, ?)"
)


class QueuedRow(NamedTuple):
    """One row on its way: its place in the queue, its kind and its JSON."""

    seq: int
    kind: str
    payload: bytes
    queued_at: float


class RefusedRow(NamedTuple):
    """A row that the database refuses for a reason of its own, with that reason."""

    row: QueuedRow
    sqlstate: str
    reason: str


class DeadLetter(NamedTuple):
    """A refused row as it is kept."""

    kind: str
    payload: bytes
    queued_at: float
    refused_at: float
    sqlstate: str
    reason: str


class Outbox:
    """Rows on disk, in the order in which they came. Used from one event loop's thread only.

    `held` are rows that could not be sent, for a reason that may be theirs: others pass them by.
    """

    def __init__(
        self,
        path: Path,
        *,
        max_rows: int,
        max_dead_letters: int = MAX_DEAD_LETTERS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Raises sqlite3.Error."""
        self.path = path
        self.max_rows = max_rows
        self.max_dead_letters = max_dead_letters
        self.dropped: Counter[str] = Counter()
        self.arrived = asyncio.Event()
        self.durable = path != IN_MEMORY
        self.held: dict[int, QueuedRow] = {}
        self._clock = clock
        self._failing = False
        self._cursor = 0
        self._db = sqlite_file.connect(path)
        self.depth = self._count("outbox")
        self.dead_letters = self._count("dead_letters")
        self._note_arrivals()

    def store(self, kind: str, payloads: Sequence[bytes]) -> bool:
        """Put rows on disk, in one transaction; whether all of them are there.

        Rows over the cap, and all of them on a full disk, are dropped and counted; the request succeeds.
        """
        fitting = payloads[: max(0, self.max_rows - self.depth)]
        self.dropped["cap"] += len(payloads) - len(fitting)
        if not fitting:
            return not payloads
        now = self._clock()
        if not self._write([(kind, payload, now) for payload in fitting]):
            self.dropped["disk"] += len(fitting)
            return False
        return len(fitting) == len(payloads)

    def take_over(self, rows: Sequence[QueuedRow], dead_letters: Sequence[DeadLetter] = ()) -> bool:
        """Store what another outbox held; whether there was room for all of it on disk and under the cap."""
        if self.depth + len(rows) > self.max_rows or not self.durable:
            return False
        return self._write([row[1:] for row in rows], self._dead_that_fit(dead_letters))

    def peek(self, limit: int, max_bytes: int = BATCH_BYTES) -> list[QueuedRow]:
        """The oldest rows that have not been published yet: at most `max_bytes` of them, or one."""
        return rows_after(self._db, self._cursor, limit, max_bytes)

    def remove(self, rows: Sequence[QueuedRow], refused: Sequence[RefusedRow] = ()) -> None:
        """Remove the oldest rows, as `peek` gave them: the database has them, or has refused them.

        Refused ones are kept as dead letters. On a full disk even a removal can fail: the rows are
        then skipped, and removed by a later call.
        """
        if not rows:
            return
        self._cursor = rows[-1].seq
        self._finish(len(rows), refused)

    def hold(self, row: QueuedRow) -> None:
        """Let the rows behind the oldest one, as `peek` gave it, pass."""
        self.held[row.seq] = row
        self._cursor = row.seq

    def release(self, row: QueuedRow, refused: RefusedRow | None = None) -> None:
        """Remove a held row: the database has it, or it is a dead letter."""
        del self.held[row.seq]
        self._finish(1, [refused] if refused else [])

    def oldest_age(self) -> float:
        """Seconds that the oldest row has been waiting; 0 when there is none."""
        first = min((row.queued_at for row in self.held.values()), default=None)
        found = self._db.execute(
            "SELECT queued_at FROM outbox WHERE seq > ? ORDER BY seq LIMIT 1", (self._cursor,)
        ).fetchone()
        waiting = [moment for moment in (first, found and found[0]) if moment is not None]
        return max(0.0, self._clock() - min(waiting)) if waiting else 0.0

    def wal_bytes(self) -> int:
        """Size of the write-ahead log, which a checkpoint lets start over."""
        wal = self.path.with_name(self.path.name + "-wal")
        return wal.stat().st_size if wal.exists() else 0

    async def fold_log(self) -> None:
        """Checkpoint a write-ahead log that has grown: the long part in a thread, the rest here."""
        if self.wal_bytes() > CHECKPOINT_BYTES:
            await self.checkpoint()

    async def checkpoint(self) -> None:
        """Fold the write-ahead log into the file, so that it starts over with the next row."""
        await asyncio.to_thread(sqlite_file.checkpoint, self.path)
        try:
            self._db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        except sqlite3.Error as error:
            log.warning("The outbox %s cannot be checkpointed yet: %s", self.path, error)

    def persist(self, path: Path, *, max_rows: int) -> None:
        """Move an outbox in memory to disk. Raises sqlite3.Error, and stays in memory then."""
        with closing(sqlite3.connect(path)) as copy:
            self._db.backup(copy)
        db = sqlite_file.connect(path)
        self._db.close()
        self._db, self.path, self.max_rows, self.durable = db, path, max_rows, True

    def close(self) -> None:
        """Close the file; what is in it waits for the next process."""
        self._db.close()

    def _count(self, table: str) -> int:
        return int(self._db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 - ours

    def _note_arrivals(self) -> None:
        if self.depth > 0:
            self.arrived.set()
        else:
            self.arrived.clear()

    def _write(self, rows: Sequence[tuple[str, bytes, float]], dead: Sequence[DeadLetter] = ()) -> bool:
        stored = self._transact((_INSERT, rows), (_INSERT_DEAD, dead))
        if stored:
            self.depth += len(rows)
            self.dead_letters += len(dead)
            self._note_arrivals()
        return stored

    def _finish(self, count: int, refused: Sequence[RefusedRow]) -> None:
        """Delete everything up to the cursor but what is held, and keep what was refused."""
        self.depth -= count
        now = self._clock()
        dead = self._dead_that_fit(
            [DeadLetter(*row[1:], now, sqlstate, reason) for row, sqlstate, reason in refused]
        )
        held = ",".join(map(str, self.held))
        delete = f"DELETE FROM outbox WHERE seq <= ? AND seq NOT IN ({held})"  # noqa: S608 - numbers of ours
        if self._transact((_INSERT_DEAD, dead), (delete, [(self._cursor,)])):
            self.dead_letters += len(dead)
            self._cursor = max(self.held, default=0)  # SQLite numbers the rows of an empty table from 1 again
        else:
            self.dropped["dead_letter"] += len(dead)
        self._note_arrivals()

    def _dead_that_fit(self, dead: Sequence[DeadLetter]) -> Sequence[DeadLetter]:
        fitting = dead[: max(0, self.max_dead_letters - self.dead_letters)]
        self.dropped["dead_letter"] += len(dead) - len(fitting)
        return fitting

    def _transact(self, *statements: tuple[str, Sequence[tuple[object, ...]]]) -> bool:
        """Run each statement with each of its rows of values, all or nothing; whether that succeeded."""
        try:
            self._db.execute("BEGIN")
            for statement, values in statements:
                self._db.executemany(statement, values)
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            if not self._failing:
                log.warning("The outbox %s cannot be written, which is counted: %s", self.path, error)
            self._failing = True
            return False
        self._failing = False
        return True


def rows_after(db: sqlite3.Connection, last: int, limit: int, max_bytes: int) -> list[QueuedRow]:
    """The rows behind `last`, oldest first: at most `limit`, and `max_bytes` of them, or one."""
    rows: list[QueuedRow] = []
    size = 0
    queued = db.execute(
        "SELECT seq, kind, payload, queued_at FROM outbox WHERE seq > ? ORDER BY seq LIMIT ?", (last, limit)
    )
    for row in map(QueuedRow._make, queued):
        size += len(row.payload)
        if rows and size > max_bytes:
            break
        rows.append(row)
    return rows
