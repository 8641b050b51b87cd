"""Whose outbox is whose: what a process leaves, the next one has, and a bad disk is no bad file."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from serving.errors import OutboxUnusable
from serving.prediction_log import outbox_folder, sqlite_file
from serving.prediction_log.outbox import Outbox, RefusedRow
from serving.prediction_log.outbox_folder import OutboxFolder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "outbox"


@pytest.fixture
def holder(root: Path) -> Iterator[OutboxFolder]:
    made = OutboxFolder(root, max_rows=5_000)
    yield made
    made.close()


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


def test_what_a_process_leaves_the_next_one_has(root: Path, holder: OutboxFolder) -> None:
    leave(root, [b"1", b"2"])
    again = holder.open()
    assert payloads(again) == [b"1", b"2"]
    assert again.arrived.is_set()
    again.close()


async def test_an_outbox_that_is_held_is_left_alone_and_claimed_when_let_go(
    root: Path, holder: OutboxFolder
) -> None:
    first = OutboxFolder(root, max_rows=1_000)
    one, two = first.open(), holder.open()
    assert one.path != two.path
    one.store("prediction", [b"1"])
    assert await holder.claim_orphans(two) == 0
    one.close()
    first.close()
    assert await holder.claim_orphans(two) == 1
    assert payloads(two) == [b"1"]
    assert names(root, "*.sqlite3") == [two.path.name]
    two.close()


async def test_rows_and_dead_letters_are_claimed_with_their_times(root: Path, holder: OutboxFolder) -> None:
    own = holder.open()
    path = leave(root, [b"%d" % number for number in range(1_300)], dead=30)
    with closing(sqlite3.connect(path)) as left:
        expected = left.execute("SELECT payload, queued_at FROM outbox ORDER BY seq").fetchall()
    assert await holder.claim_orphans(own) == 1_270
    assert [(row.payload, row.queued_at) for row in own.peek(5_000)] == expected
    assert own.dead_letters == 30
    own.close()


async def test_a_claim_does_not_hold_up_the_event_loop(root: Path, holder: OutboxFolder) -> None:
    own = holder.open()
    own.max_rows = 1_000_000
    leave(root, [b"x" * 900] * 20_000)
    claiming = asyncio.create_task(holder.claim_orphans(own))
    seen = set()
    while not claiming.done():
        await asyncio.sleep(0)
        seen.add(own.depth)
    assert claiming.result() == 20_000
    assert len(seen) > 50, "others have their turn after every few rows"
    own.close()


async def test_rows_that_find_no_room_wait_in_their_file_and_come_later(
    root: Path, holder: OutboxFolder
) -> None:
    own = holder.open()
    own.max_rows = 250
    path = leave(root, [b"%d" % number for number in range(400)])
    assert await holder.claim_orphans(own) == 200
    assert path.exists()
    assert own.dropped.total() == 0
    own.remove(own.peek(200))
    assert await holder.claim_orphans(own) == 200
    assert payloads(own) == [b"%d" % number for number in range(200, 400)], "none twice"
    assert not path.exists()
    own.close()


async def test_claims_are_made_on_a_timer_whatever_else_happens(
    root: Path, holder: OutboxFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_folder, "WATCH_SECONDS", 0.01)
    own = holder.open()
    watching = asyncio.create_task(holder.watch(own))
    await asyncio.sleep(0)
    leave(root, [b"1", b"2"])
    own.store("prediction", [b"own"])
    async with asyncio.timeout(20):
        while own.depth < 3:  # noqa: ASYNC110 - a thread and a timer do it
            await asyncio.sleep(0.01)
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    own.close()


async def test_a_look_that_fails_is_not_the_last(
    root: Path, holder: OutboxFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_folder, "WATCH_SECONDS", 0.01)
    own = holder.open()
    looks = asyncio.Queue[None]()

    async def fail() -> None:
        looks.put_nowait(None)
        raise RuntimeError("nobody foresaw this")

    monkeypatch.setattr(own, "fold_log", fail)
    watching = asyncio.create_task(holder.watch(own))
    async with asyncio.timeout(20):
        for _ in range(3):
            await looks.get()
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    own.close()


async def test_rows_in_the_log_of_a_dead_process_are_claimed(root: Path, holder: OutboxFolder) -> None:
    own = holder.open()
    crashed(root)
    assert await holder.claim_orphans(own) == 10
    own.close()


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
