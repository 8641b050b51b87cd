"""Outboxes as processes leave them, and disks that fail under one."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

from serving.prediction_log.outbox import Outbox, RefusedRow
from serving.prediction_log.outbox_folder import OutboxFolder


def leave(root: Path, payloads: list[bytes], *, dead: int = 0) -> Path:
    """What a process that died has left; its path."""
    folder = OutboxFolder(root, max_rows=1_000_000)
    root.mkdir(exist_ok=True)
    outbox = folder._open_new()
    outbox.store("prediction", payloads)
    rows = outbox.peek(dead)
    outbox.remove(rows, [RefusedRow(row, "22000", "no") for row in rows])
    path = outbox.path
    outbox.close()
    folder.close()
    return path


def payloads(outbox: Outbox) -> list[bytes]:
    return [row.payload for row in outbox.peek(100_000, max_bytes=2**30)]


def names(root: Path, pattern: str) -> list[str]:
    return sorted(path.name for path in root.glob(pattern))


def sqlite_error(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("as the disk says")
    error.sqlite_errorcode = code
    return error


CRASH = """
import os, sys
from pathlib import Path
from serving.prediction_log.outbox_folder import OutboxFolder
root = Path(sys.argv[1])
root.mkdir(exist_ok=True)
outbox = OutboxFolder(root, max_rows=10_000)._open_new()
outbox.store("prediction", [b"x" * 100] * 5)
outbox._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
outbox.store("prediction", [b"y" * 100] * 5)
print(outbox.path, flush=True)
os._exit(9)
"""


def crashed(root: Path) -> Path:
    """An outbox as a `kill -9` leaves it: some rows are in its file, the last ones in its log."""
    command = [sys.executable, "-c", CRASH, str(root)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return Path(done.stdout.strip())
