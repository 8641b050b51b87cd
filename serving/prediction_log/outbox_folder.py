"""Whose outbox is whose: a folder of outbox files, each locked by the process that writes it.

A process that dies lets go of its lock, so the next one to start (or to look) takes over its rows.
"""

from __future__ import annotations

import asyncio
import errno
import fcntl
import logging
import os
import shutil
import sqlite3
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from serving.errors import OutboxUnusable
from serving.prediction_log import sqlite_file
from serving.prediction_log.claim import Claim
from serving.prediction_log.outbox import IN_MEMORY, MAX_DEAD_LETTERS, Outbox

log = logging.getLogger(__name__)

ROWS_IN_MEMORY: Final = 20_000
WATCH_SECONDS: Final = 20.0
_NO_SPACE: Final = 64 * 2**10
_DISK_TAKES_NO_MORE: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})


class OutboxFolder:
    """Opens this process's outbox in `folder`, and claims those that nobody holds."""

    def __init__(self, folder: Path, *, max_rows: int, max_dead_letters: int = MAX_DEAD_LETTERS) -> None:
        self._folder = folder
        self._max_rows = max_rows
        self._max_dead_letters = max_dead_letters
        self._locks: dict[Path, int] = {}
        self._claims: dict[Path, Claim] = {}

    def open(self) -> Outbox:
        """The outbox of this process: one that an earlier process left, where there is one, else a new one.

        On a full disk it is in memory. Raises OutboxUnusable when the folder cannot be written.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            return self._open_left() or self._open_new()
        except (OSError, sqlite3.Error) as error:
            if _takes_no_more(error, self._folder):
                return self._open_in_memory(error)
            raise OutboxUnusable(
                f"The outbox folder {self._folder} cannot be used ({error}). "
                "Make it writable for this user, or set SERVING_STATE_DIR elsewhere."
            ) from error

    async def watch(self, outbox: Outbox) -> None:
        """Until cancelled: claim what others left, keep the log short, go back to a disk that has space."""
        while True:
            try:
                self._leave_memory(outbox)
                await outbox.fold_log()
                await self.claim_orphans(outbox)
            except Exception:  # whatever it is, the next look comes
                log.exception("The outboxes in %s could not be looked after", self._folder)
            await asyncio.sleep(WATCH_SECONDS)

    async def claim_orphans(self, outbox: Outbox) -> int:
        """Move the rows of every outbox whose process is gone into `outbox`; how many rows that were.

        What cannot be read now, or finds no room, stays where it is until the next time.
        """
        if not outbox.durable:
            return 0
        before = sum(claim.rows for claim in self._claims.values())
        finished = 0
        for path in self._orphans():
            try:
                finished += await self._claim(path, outbox)
            finally:
                self._release(path)
        claimed = finished + sum(claim.rows for claim in self._claims.values()) - before
        if claimed:
            log.info("Took over %d rows that an earlier process had left", claimed)
        return claimed

    def close(self) -> None:
        """Let go of this process's outbox."""
        for path in tuple(self._locks):
            self._release(path)

    async def _claim(self, path: Path, outbox: Outbox) -> int:
        """How many rows were claimed in all, once the file is done with; 0 before."""
        claim = self._claims.setdefault(path, Claim(path))
        try:
            if not await claim.run(outbox):
                return 0
        except sqlite3.Error as error:
            if not sqlite_file.is_corrupt(error):
                log.warning("The outbox %s cannot be taken over yet: %s", path, error)
                return 0
        return self._claims.pop(path).rows

    def _open_left(self) -> Outbox | None:
        for path in self._orphans():
            try:
                return self._outbox(path)
            except (OSError, sqlite3.Error) as error:
                self._release(path)
                log.warning("The outbox %s cannot be opened: %s", path, error)
        return None

    def _open_new(self) -> Outbox:
        path = self._new_path()
        self._lock(path)
        try:
            return self._outbox(path)
        except (OSError, sqlite3.Error):
            self._discard(path)
            raise

    def _open_in_memory(self, error: Exception) -> Outbox:
        log.error(
            "The disk under %s takes no more (%s): until it does, rows that wait for the database "
            "are kept in memory only. Free some space.",
            self._folder,
            error,
        )
        rows = min(self._max_rows, ROWS_IN_MEMORY)
        return Outbox(IN_MEMORY, max_rows=rows, max_dead_letters=self._max_dead_letters)

    def _leave_memory(self, outbox: Outbox) -> None:
        if outbox.durable:
            return
        path = self._new_path()
        try:
            self._lock(path)
            outbox.persist(path, max_rows=self._max_rows)
        except (OSError, sqlite3.Error):
            self._discard(path)
        else:
            log.info("The disk takes rows again: the outbox is %s", path)

    def _outbox(self, path: Path) -> Outbox:
        return Outbox(path, max_rows=self._max_rows, max_dead_letters=self._max_dead_letters)

    def _new_path(self) -> Path:
        return self._folder / f"outbox-{uuid.uuid4().hex[:12]}.sqlite3"

    def _orphans(self) -> Iterator[Path]:
        for path in sorted(self._folder.glob("outbox-*.sqlite3")):
            if path not in self._locks and self._lock(path):
                if path.exists():
                    yield path
                else:
                    self._release(path)

    def _lock(self, path: Path) -> bool:
        descriptor = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._locks[path] = descriptor
        return True

    def _release(self, path: Path) -> None:
        descriptor = self._locks.pop(path, None)
        if descriptor is None:
            return
        if not path.exists():
            path.with_suffix(".lock").unlink(missing_ok=True)
        os.close(descriptor)

    def _discard(self, path: Path) -> None:
        sqlite_file.remove(path)
        self._release(path)


def _takes_no_more(error: Exception, folder: Path) -> bool:
    """Whether it is the disk that is full or failing, rather than a folder that is not ours to write."""
    if isinstance(error, sqlite3.Error) and sqlite_file.is_out_of_space(error):
        return True
    if isinstance(error, OSError) and error.errno in _DISK_TAKES_NO_MORE:
        return True
    return folder.is_dir() and shutil.disk_usage(folder).free < _NO_SPACE
