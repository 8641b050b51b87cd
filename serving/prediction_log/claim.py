"""Takes over what a process that died has left in its outbox, a little at a time.

The event loop only stores rows that a thread has read, so requests are answered meanwhile. A claim that is
cut off repeats some rows; `request_id` is unique in the database, so they arrive once.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from serving.prediction_log import sqlite_file
from serving.prediction_log.outbox import DeadLetter, Outbox, rows_after

log = logging.getLogger(__name__)

T = TypeVar("T")
Call = Callable[..., Any]

CHUNK_ROWS: Final = 200
CHUNK_BYTES: Final = 2**20


class Claim:
    """An outbox whose lock is ours, and how far it is read. Where there is no room, the rest waits in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows = 0
        self._last_row = 0
        self._last_dead_letter = 0

    async def run(self, outbox: Outbox) -> bool:
        """Move rows and dead letters into `outbox`; whether the file is done with, and gone.

        Raises sqlite3.Error where the file cannot be read now, and OSError.
        """
        thread = ThreadPoolExecutor(
            1, "claim"
        )  # one, so that a file is closed only when its reading has ended
        try:
            reader = await _in(thread, sqlite_file.connect, self.path)
            try:
                done = await self._take(partial(_in, thread), reader, outbox)
            except sqlite3.Error as error:
                if sqlite_file.is_corrupt(error):
                    sqlite_file.quarantine(self.path, error)
                raise
            finally:
                thread.submit(reader.close)
            if done:
                await _in(thread, sqlite_file.remove, self.path)
        finally:
            thread.shutdown(wait=False)
        return done

    async def _take(self, call: Call, db: sqlite3.Connection, outbox: Outbox) -> bool:
        """Whether there was room for everything."""
        while rows := await call(rows_after, db, self._last_row, CHUNK_ROWS, CHUNK_BYTES):
            if not outbox.take_over(rows):
                return False
            self._last_row = rows[-1].seq
            self.rows += len(rows)
        while dead_letters := await call(_dead_letters_after, db, self._last_dead_letter):
            if not outbox.take_over([], [letter for _, letter in dead_letters]):
                return False
            self._last_dead_letter = dead_letters[-1][0]
        return True


async def _in(thread: ThreadPoolExecutor, work: Callable[..., T], *arguments: object) -> T:
    return await asyncio.get_running_loop().run_in_executor(thread, work, *arguments)


def _dead_letters_after(db: sqlite3.Connection, last: int) -> list[tuple[int, DeadLetter]]:
    rows = db.execute(
        "SELECT seq, kind, payload, queued_at, refused_at, sqlstate, reason FROM dead_letters"
        " WHERE seq > ? ORDER BY seq LIMIT 20",
        (last,),
    )
    return [(row[0], DeadLetter(*row[1:])) for row in rows]
