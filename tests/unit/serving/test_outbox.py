"""Rows on disk: stored before the answer, in order, each once, and never in the way of an answer."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from serving.errors import OutboxUnusable
from serving.prediction_log.outbox import Outbox, RefusedRow
from serving.prediction_log.outbox_folder import OutboxFolder


def folder(tmp_path: Path) -> OutboxFolder:
    return OutboxFolder(tmp_path / "outbox", max_rows=1_000)


def test_rows_are_on_disk_when_it_says_so(outbox: Outbox) -> None:
    assert outbox.store("prediction", [b"{}"])
    other = sqlite3.connect(outbox.path)
    assert other.execute("SELECT kind, payload FROM outbox").fetchall() == [("prediction", b"{}")]
    other.close()


def test_all_rows_in_are_all_rows_out_in_order(outbox: Outbox) -> None:
    payloads = [str(number).encode() for number in range(300)]
    assert all(outbox.store("prediction", payloads[at : at + 11]) for at in range(0, 300, 11))
    out = []
    while rows := outbox.peek(7):
        out.extend(row.payload for row in rows)
        outbox.forget(rows)
    assert out == payloads
    assert outbox.depth == 0


def test_the_cap_drops_and_counts(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "small.sqlite3", max_rows=3)
    stored = [outbox.store("prediction", [b"{}"]) for _ in range(5)]
    assert stored == [True, True, True, False, False]
    assert outbox.dropped["cap"] == 2
    outbox.forget(outbox.peek(2))
    assert outbox.store("prediction", [b"{}"])
    outbox.close()


def test_of_rows_that_come_together_those_under_the_cap_are_kept(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "small.sqlite3", max_rows=3)
    assert not outbox.store("prediction", [b"1", b"2", b"3", b"4", b"5"])
    assert [row.payload for row in outbox.peek(10)] == [b"1", b"2", b"3"]
    assert outbox.dropped["cap"] == 2
    outbox.close()


def test_refused_rows_are_kept_apart_with_their_reason(outbox: Outbox) -> None:
    outbox.store("prediction", [b"1", b"2"])
    rows = outbox.peek(10)
    outbox.forget(rows, [RefusedRow(rows[0], "23514", "no Chile")])
    assert (outbox.depth, outbox.dead_letters()) == (0, 1)


def test_what_a_process_leaves_the_next_one_has(tmp_path: Path) -> None:
    first = folder(tmp_path)
    outbox = first.open()
    outbox.store("prediction", [b"1", b"2"])
    outbox.close()
    first.close()
    second = folder(tmp_path)
    again = second.open()
    assert [row.payload for row in again.peek(10)] == [b"1", b"2"]
    assert again.arrived.is_set()
    again.close()
    second.close()


def test_an_outbox_that_is_held_is_left_alone_and_taken_over_when_let_go(tmp_path: Path) -> None:
    first, second = folder(tmp_path), folder(tmp_path)
    one, two = first.open(), second.open()
    assert one.path != two.path
    one.store("prediction", [b"1"])
    assert second.adopt_orphans(two) == 0
    one.close()
    first.close()
    assert second.adopt_orphans(two) == 1
    assert [row.payload for row in two.peek(10)] == [b"1"]
    assert len(list((tmp_path / "outbox").glob("*.sqlite3"))) == 1
    two.close()
    second.close()


def test_a_file_that_is_no_outbox_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / "outbox").mkdir()
    (tmp_path / "outbox" / "outbox-0.sqlite3").write_bytes(b"no database" * 100)
    holder = folder(tmp_path)
    outbox = holder.open()
    assert outbox.store("prediction", [b"1"])
    assert (tmp_path / "outbox" / "outbox-0.corrupt").exists()
    outbox.close()
    holder.close()


def test_a_folder_that_cannot_be_made_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("a file")
    with pytest.raises(OutboxUnusable, match="SERVING_STATE_DIR"):
        folder(tmp_path).open()


async def test_the_write_ahead_log_starts_over(outbox: Outbox) -> None:
    for _ in range(20):
        outbox.store("prediction", [b"x" * 1_000] * 40)
        outbox.forget(outbox.peek(1_000))
    grown = outbox.wal_bytes()
    await outbox.checkpoint()
    for _ in range(20):
        outbox.store("prediction", [b"x" * 1_000] * 40)
        outbox.forget(outbox.peek(1_000))
    assert outbox.wal_bytes() < 2 * grown
