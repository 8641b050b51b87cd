"""The SQLite file of an outbox: how it is opened, what its errors mean, where a damaged one goes.

WAL mode with `synchronous=NORMAL`: a commit is one write to the operating system, which outlives the
process. A power cut may lose the last transactions, never the file's consistency.
"""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path
from typing import Final

log = logging.getLogger(__name__)

KEPT_LOG_BYTES: Final = 2**20
"""What is left of the log's file when it starts over; without a limit the file would keep its largest size
and look as if it were due for the next checkpoint at once.
"""
COMPANIONS: Final = ("", "-wal", "-shm")
"""What a database in WAL mode consists of, by the ends of the names."""

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS outbox (
    seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, payload BLOB NOT NULL, queued_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS dead_letters (
    seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, payload BLOB NOT NULL, queued_at REAL NOT NULL,
    refused_at REAL NOT NULL, sqlstate TEXT NOT NULL, reason TEXT NOT NULL
);
"""
_CORRUPT: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_NO_SPACE: Final = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR})


def connect(path: Path) -> sqlite3.Connection:
    """A connection to an outbox, created where it is missing. One that is corrupt is quarantined.

    Raises sqlite3.Error.
    """
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=NORMAL")
        db.execute("PRAGMA wal_autocheckpoint=0")
        db.execute(f"PRAGMA journal_size_limit={KEPT_LOG_BYTES}")
        db.execute("PRAGMA cache_size=-8192")
        db.executescript(_SCHEMA)
    except sqlite3.Error as error:
        if is_corrupt(error):
            quarantine(path, error)
        db.close()
        raise
    return db


def is_corrupt(error: sqlite3.Error) -> bool:
    """Whether the file itself is damaged. A full disk, a bad cable or a lock is not the file's fault."""
    return _primary_code(error) in _CORRUPT


def is_out_of_space(error: sqlite3.Error) -> bool:
    """Whether the disk took no more: full, over a quota, or failing."""
    return _primary_code(error) in _NO_SPACE


def quarantine(path: Path, error: sqlite3.Error) -> Path:
    """Keep a damaged file under another name, with its log, which may hold rows that the file lacks.

    To be called before the connection is closed: SQLite removes the log of a file that it closes.
    """
    aside = _free_name(path)
    for companion in COMPANIONS:
        source = path.with_name(path.name + companion)
        if source.exists():
            source.rename(aside.with_name(aside.name + companion))
    log.error(
        "The outbox %s is damaged (%s). It is kept with its log; `sqlite3 %s .recover` reads what it can",
        path, error, aside,
    )  # fmt: skip
    return aside


def remove(path: Path) -> None:
    """Remove a database with its log."""
    for companion in COMPANIONS:
        path.with_name(path.name + companion).unlink(missing_ok=True)


def checkpoint(path: Path) -> None:
    """Fold the write-ahead log into the file. Its fsyncs take tens of milliseconds: to be run in a thread."""
    db = sqlite3.connect(path, isolation_level=None)
    try:
        db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
    except sqlite3.Error as error:
        log.warning("The outbox %s cannot be checkpointed yet: %s", path, error)
    finally:
        db.close()


def _primary_code(error: sqlite3.Error) -> int:
    return int(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)) & 0xFF


def _free_name(path: Path) -> Path:
    names = (path.with_suffix(f".corrupt{suffix}") for suffix in ("", *(f".{n}" for n in range(1, 1_000))))
    return next(name for name in names if not name.exists())
