"""The rows that still have to reach the database, kept on disk until they have.

A row is written before its request is answered, so an answered request survives `kill -9`, an outage
of the database of any length, and a restart. Rows that are stored together share one transaction: alone
a row costs about 25 microseconds, in company 5.

SQLite in WAL mode with `synchronous=NORMAL`: a commit is one write to the operating system, which
outlives the process. A power cut may lose the last transactions, never the file's consistency.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

log = logging.getLogger(__name__)

CHECKPOINT_BYTES: Final = 16 * 2**20
KEPT_LOG_BYTES: Final = 2**20
"""What is left of the log's file when it starts over; without a limit the file would keep its largest size
and look as if it were due for the next checkpoint at once.
"""
IN_MEMORY: Final = Path(":memory:")
"""Where an outbox lives whose disk is full when the service starts."""

_LETTER: Final = "kind, payload, queued_at, refused_at, sqlstate, reason"
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS outbox (
    seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, payload BLOB NOT NULL, queued_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS dead_letters (
    seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, payload BLOB NOT NULL, queued_at REAL NOT NULL,
    refused_at REAL NOT NULL, sqlstate TEXT NOT NULL, reason TEXT NOT NULL
);
"""


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


class Outbox:
    """Rows on disk, in the order in which they came. Used from one event loop's thread only."""

    def __init__(self, path: Path, *, max_rows: int, clock: Callable[[], float] = time.time) -> None:
        self.path = path
        self.max_rows = max_rows
        self.dropped: Counter[str] = Counter()
        self.arrived = asyncio.Event()
        self.durable = path != IN_MEMORY
        self._clock = clock
        self._db = connect(path)
        self._cursor = 0
        self.depth: int = self._db.execute("SELECT count(*) FROM outbox").fetchone()[0]
        if self.depth:
            self.arrived.set()

    def store(self, kind: str, payloads: Sequence[bytes]) -> bool:
        """Put rows on disk, in one transaction; whether all of them are there.

        Rows over the cap, and all of them on a full disk, are dropped: counted, and no reason not to answer.
        """
        fitting = payloads[: max(0, self.max_rows - self.depth)]
        self.dropped["cap"] += len(payloads) - len(fitting)
        if not fitting:
            return not payloads
        now = self._clock()
        if not self._write([(kind, payload, now) for payload in fitting]):
            self.dropped["disk"] += len(fitting)
            return False
        self.depth += len(fitting)
        self.arrived.set()
        return len(fitting) == len(payloads)

    def _write(self, rows: list[tuple[str, bytes, float]]) -> bool:
        try:
            self._db.execute("BEGIN")
            self._db.executemany("INSERT INTO outbox (kind, payload, queued_at) VALUES (?, ?, ?)", rows)
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            self._roll_back()
            if not self.dropped["disk"]:
                log.warning(
                    "The outbox %s cannot store rows, they are dropped and counted: %s", self.path, error
                )
            return False
        return True

    def _roll_back(self) -> None:
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")

    def peek(self, limit: int) -> list[QueuedRow]:
        """The oldest rows that have not been moved yet."""
        rows = self._db.execute(
            "SELECT seq, kind, payload, queued_at FROM outbox WHERE seq > ? ORDER BY seq LIMIT ?",
            (self._cursor, limit),
        )
        return list(map(QueuedRow._make, rows))

    def forget(self, rows: Sequence[QueuedRow], refused: Sequence[RefusedRow] = ()) -> None:
        """Remove the oldest rows, as `peek` gave them: the database has them, or has refused them.

        Refused ones are kept as dead letters. On a full disk even a removal can fail: the rows are
        then skipped, and removed by a later call.
        """
        if not rows:
            return
        self._cursor = rows[-1].seq
        self.depth -= len(rows)
        if self._remove(refused):
            self._cursor = 0
        if not self.depth:
            self.arrived.clear()

    def _remove(self, refused: Sequence[RefusedRow]) -> bool:
        letters = [
            (row.kind, row.payload, row.queued_at, self._clock(), sqlstate, reason)
            for row, sqlstate, reason in refused
        ]
        try:
            self._db.execute("BEGIN")
            self._db.executemany(f"INSERT INTO dead_letters ({_LETTER}) VALUES (?, ?, ?, ?, ?, ?)", letters)  # noqa: S608
            self._db.execute("DELETE FROM outbox WHERE seq <= ?", (self._cursor,))
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            self._roll_back()
            self.dropped["dead_letter"] += len(letters)
            log.warning("The outbox %s cannot remove moved rows yet: %s", self.path, error)
            return False
        return True

    def dead_letters(self) -> int:
        """How many rows the database refused for reasons of their own."""
        return int(self._db.execute("SELECT count(*) FROM dead_letters").fetchone()[0])

    def oldest_age(self) -> float:
        """Seconds that the oldest row has been waiting; 0 when there is none."""
        found = self._db.execute(
            "SELECT queued_at FROM outbox WHERE seq > ? ORDER BY seq LIMIT 1", (self._cursor,)
        ).fetchone()
        return max(0.0, self._clock() - found[0]) if found else 0.0

    def wal_bytes(self) -> int:
        """Size of the write-ahead log, which a checkpoint lets start over."""
        wal = self.path.with_name(self.path.name + "-wal")
        return wal.stat().st_size if wal.exists() else 0

    async def checkpoint(self) -> None:
        """Fold the write-ahead log into the file: the long part in a thread, the rest here.

        The fsyncs of a checkpoint take tens of milliseconds, which is why SQLite does not start them.
        """
        await asyncio.to_thread(_checkpoint, self.path)
        try:
            self._db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        except sqlite3.Error as error:
            log.warning("The outbox %s cannot be checkpointed yet: %s", self.path, error)

    def adopt(self, path: Path) -> int:
        """Take over the rows and dead letters of an outbox that an earlier process left."""
        self._db.execute("ATTACH DATABASE ? AS other", (str(path),))
        try:
            before = self._db.total_changes
            with self._db:
                self._db.execute("BEGIN")
                self._db.execute(
                    "INSERT INTO outbox (kind, payload, queued_at)"
                    " SELECT kind, payload, queued_at FROM other.outbox ORDER BY seq"
                )
                count = self._db.total_changes - before
                self._db.execute(
                    f"INSERT INTO dead_letters ({_LETTER}) SELECT {_LETTER} FROM other.dead_letters"  # noqa: S608
                )
        finally:
            self._db.execute("DETACH DATABASE other")
        self.depth += count
        if count:
            self.arrived.set()
        return count

    def close(self) -> None:
        """Close the file; what is in it waits for the next process."""
        self._db.close()


def connect(path: Path) -> sqlite3.Connection:
    """A connection to an outbox file, created where it is missing. Raises sqlite3.Error."""
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=NORMAL")
    db.execute("PRAGMA wal_autocheckpoint=0")
    db.execute(f"PRAGMA journal_size_limit={KEPT_LOG_BYTES}")
    db.execute("PRAGMA cache_size=-8192")
    db.executescript(_SCHEMA)
    return db


def _checkpoint(path: Path) -> None:
    db = sqlite3.connect(path, isolation_level=None)
    try:
        db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
    except sqlite3.Error as error:
        log.warning("The outbox %s cannot be checkpointed yet: %s", path, error)
    finally:
        db.close()
