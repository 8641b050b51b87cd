"""Whose outbox is whose: what a process leaves, the next one has."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from serving.prediction_log import outbox_folder
from serving.prediction_log.outbox_folder import OutboxFolder
from tests.pace import patience
from tests.serving_kit.left_outboxes import crashed, leave, names, payloads


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
    async with asyncio.timeout(patience(20)):
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
    async with asyncio.timeout(patience(20)):
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
