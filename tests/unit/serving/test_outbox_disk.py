"""A bad disk is no bad file: damaged outboxes are kept aside, full disks lose nothing."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from serving.errors import OutboxUnusable
from serving.prediction_log import sqlite_file
from serving.prediction_log.outbox_folder import OutboxFolder
from tests.serving_kit.left_outboxes import crashed, leave, names, payloads, sqlite_error


def test_a_file_that_is_no_outbox_is_quarantined(root: Path, holder: OutboxFolder) -> None:
    root.mkdir()
    (root / "outbox-0.sqlite3").write_bytes(b"no database" * 100)
    outbox = holder.open()
    assert outbox.store("prediction", [b"1"])
    assert (root / "outbox-0.corrupt").exists()
    outbox.close()


@pytest.mark.parametrize("at_start", [True, False])
async def test_the_log_of_a_damaged_file_is_kept_with_it(
    root: Path, holder: OutboxFolder, *, at_start: bool
) -> None:
    own = None if at_start else holder.open()
    path = crashed(root)
    log = path.with_name(f"{path.name}-wal").read_bytes()
    assert b"yyyy" in log, "rows are in the log"
    path.write_bytes(b"garbage!" * 512)
    outbox = own or holder.open()
    await holder.claim_orphans(outbox)
    aside = path.with_suffix(".corrupt")
    assert aside.read_bytes()[:8] == b"garbage!"
    assert aside.with_name(f"{aside.name}-wal").read_bytes() == log
    assert not path.exists()
    outbox.close()


@pytest.mark.parametrize(
    "code", [sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_CANTOPEN]
)
async def test_a_full_or_failing_disk_is_not_the_files_fault(
    root: Path, holder: OutboxFolder, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    own = holder.open()
    path = leave(root, [b"1", b"2"])
    whole = sqlite_file.connect

    def fail(_: Path) -> sqlite3.Connection:
        raise sqlite_error(code)

    monkeypatch.setattr(sqlite_file, "connect", fail)
    assert await holder.claim_orphans(own) == 0
    assert path.exists()
    assert not names(root, "*.corrupt*")
    monkeypatch.setattr(sqlite_file, "connect", whole)
    assert await holder.claim_orphans(own) == 2
    own.close()


@pytest.mark.parametrize(
    "error", [sqlite_error(sqlite3.SQLITE_FULL), OSError(errno.ENOSPC, "No space left on device")]
)
async def test_a_start_on_a_full_disk_keeps_what_is_there_and_returns_to_disk(
    root: Path, holder: OutboxFolder, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    path = leave(root, [b"1", b"2"])
    with monkeypatch.context() as patch:
        whole = sqlite_file.connect

        def only_memory(given: Path) -> sqlite3.Connection:
            if str(given) == ":memory:":
                return whole(given)
            raise error

        patch.setattr(sqlite_file, "connect", only_memory)
        outbox = holder.open()
        assert not outbox.durable
        assert outbox.store("prediction", [b"3"])
        holder._leave_memory(outbox)
        assert await holder.claim_orphans(outbox) == 0
        assert path.exists()
        assert not names(root, "*.corrupt*")
    holder._leave_memory(outbox)
    assert outbox.durable
    assert outbox.store("prediction", [b"4"])
    with closing(sqlite3.connect(outbox.path)) as other:
        assert other.execute("SELECT payload FROM outbox").fetchall() == [(b"3",), (b"4",)]
    assert await holder.claim_orphans(outbox) == 2
    assert payloads(outbox) == [b"3", b"4", b"1", b"2"]
    outbox.close()


def test_a_folder_that_cannot_be_made_says_what_to_do(root: Path, holder: OutboxFolder) -> None:
    root.write_text("a file")
    with pytest.raises(OutboxUnusable, match="SERVING_STATE_DIR"):
        holder.open()


@pytest.mark.skipif(
    shutil.which("unshare") is None, reason="unshare is not installed: apt install util-linux"
)
def test_a_disk_that_is_really_full_at_start_loses_nothing(tmp_path: Path) -> None:
    """A file system of one megabyte: left outbox, disk filled, start, space again."""
    program = """
import asyncio, sqlite3, sys
from pathlib import Path
from serving.prediction_log.outbox_folder import OutboxFolder
root = Path(sys.argv[1]) / "outbox"
first = OutboxFolder(root, max_rows=10_000); left = first.open()
assert left.store("prediction", [b"x" * 100] * 1_000)
left._db = None; first.close()
filler = Path(sys.argv[1]) / "filler"
try:
    with filler.open("wb", buffering=0) as file:
        while True: file.write(bytes(4096))
except OSError: pass
second = OutboxFolder(root, max_rows=10_000); outbox = second.open()
before = outbox.depth, outbox.durable
stored = outbox.store("prediction", [b"new"])
asyncio.run(second.claim_orphans(outbox))
corrupt = list(root.glob("*.corrupt*"))
filler.unlink()
second._leave_memory(outbox)
asyncio.run(second.claim_orphans(outbox))
print(outbox.depth, outbox.durable, len(corrupt), outbox.dropped.total(), int(stored))
"""
    mount = f'mount -t tmpfs -o size=1m none "{tmp_path}" && exec "{sys.executable}" - "{tmp_path}"'
    done = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount], input=program,
        capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )  # fmt: skip
    if "unshare" in done.stderr or "mount:" in done.stderr:
        pytest.skip(f"this kernel lets nobody mount: {done.stderr.strip()[:100]}")
    depth, durable, corrupt, dropped, stored = done.stdout.split()
    assert (durable, corrupt) == ("True", "0"), done.stderr
    assert int(depth) == 1_000 + int(stored)
    assert int(dropped) == 1 - int(stored)
