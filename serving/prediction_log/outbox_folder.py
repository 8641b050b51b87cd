"""Whose outbox is whose: a folder of outbox files, each locked by the process that writes it.

A process that dies lets go of its lock, so the next one to start (or to look) takes over its rows.
"""

from __future__ import annotations

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
from serving.prediction_log.outbox import IN_MEMORY, Outbox

log = logging.getLogger(__name__)

ROWS_IN_MEMORY: Final = 20_000
_NO_SPACE: Final = 64 * 2**10


class OutboxFolder:
    """Opens this process's outbox in `folder`, and adopts those that nobody holds."""

    def __init__(self, folder: Path, *, max_rows: int) -> None:
        self._folder = folder
        self._max_rows = max_rows
        self._locks: dict[Path, int] = {}

    def open(self) -> Outbox:
        """The outbox of this process, holding whatever earlier processes left in the folder.

        Raises OutboxUnusable when the folder cannot be written.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            outbox = self._open_first()
        except (OSError, sqlite3.Error) as error:
            if _disk_is_full(error, self._folder):
                return self._open_in_memory(error)
            raise OutboxUnusable(
                f"The outbox folder {self._folder} cannot be used ({error}). "
                "Make it writable for this user and leave it some space, or set SERVING_STATE_DIR elsewhere."
            ) from error
        self.adopt_orphans(outbox)
        return outbox

    def adopt_orphans(self, outbox: Outbox) -> int:
        """Move the rows of every outbox whose process is gone into `outbox`; how many rows that were."""
        adopted = 0
        for path in self._orphans():
            try:
                adopted += outbox.adopt(path)
            except sqlite3.DatabaseError as error:
                self._set_aside(path, error)
            else:
                _remove(path)
            self._release(path)
        if adopted:
            log.info("Adopted %d rows that an earlier process had left", adopted)
        return adopted

    def close(self) -> None:
        """Let go of this process's outbox."""
        for path in tuple(self._locks):
            self._release(path)

    def _open_in_memory(self, error: Exception) -> Outbox:
        log.error(
            "The disk under %s is full (%s): until it has space and the service restarts, rows "
            "that wait for the database are kept in memory only. Free some space.",
            self._folder,
            error,
        )
        return Outbox(IN_MEMORY, max_rows=min(self._max_rows, ROWS_IN_MEMORY))

    def _open_first(self) -> Outbox:
        for path in self._orphans():
            try:
                return Outbox(path, max_rows=self._max_rows)
            except sqlite3.DatabaseError as error:
                self._set_aside(path, error)
                self._release(path)
        path = self._folder / f"outbox-{uuid.uuid4().hex[:12]}.sqlite3"
        self._lock(path)
        return Outbox(path, max_rows=self._max_rows)

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
        descriptor = self._locks.pop(path)
        if not path.exists():
            path.with_suffix(".lock").unlink(missing_ok=True)
        os.close(descriptor)

    def _set_aside(self, path: Path, error: sqlite3.Error) -> None:
        aside = path.with_suffix(".corrupt")
        path.rename(aside)
        log.error("The outbox %s cannot be read (%s); it is kept as %s", path, error, aside.name)


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _disk_is_full(error: Exception, folder: Path) -> bool:
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return True
    return folder.is_dir() and shutil.disk_usage(folder).free < _NO_SPACE
