"""Rows on disk: stored before the answer, in order, each once, and never in the way of an answer."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from serving.prediction_log.outbox import Outbox, RefusedRow
from serving.prediction_log.sqlite_file import KEPT_LOG_BYTES


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
        outbox.remove(rows)
    assert out == payloads
    assert outbox.depth == 0


def test_the_cap_drops_and_counts(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "small.sqlite3", max_rows=3)
    stored = [outbox.store("prediction", [b"{}"]) for _ in range(5)]
    assert stored == [True, True, True, False, False]
    assert outbox.dropped["cap"] == 2
    outbox.remove(outbox.peek(2))
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
    outbox.remove(rows, [RefusedRow(rows[0], "23514", "no Chile")])
    assert (outbox.depth, outbox.dead_letters) == (0, 1)


async def test_the_write_ahead_log_starts_over_after_a_checkpoint(outbox: Outbox) -> None:
    for _ in range(60):
        outbox.store("prediction", [b"x" * 1_000] * 40)
        outbox.remove(outbox.peek(1_000))
    grown = outbox.wal_bytes()
    assert grown > 2 * KEPT_LOG_BYTES
    outbox.store("prediction", [b"1"])
    assert outbox.wal_bytes() >= grown, "by itself it only grows"
    await outbox.checkpoint()
    outbox.store("prediction", [b"2"])
    assert outbox.wal_bytes() <= KEPT_LOG_BYTES


def test_a_batch_is_bounded_by_its_bytes_and_never_empty(outbox: Outbox) -> None:
    outbox.store("prediction", [b"s" * 400, b"s" * 400, b"s" * 400, b"L" * 50_000, b"s"])
    sizes = []
    while rows := outbox.peek(500, max_bytes=1_000):
        sizes.append([len(row.payload) for row in rows])
        outbox.remove(rows)
    assert sizes == [[400, 400], [400], [50_000], [1]]


def test_held_rows_let_others_pass_and_stay_on_disk(tmp_path: Path, outbox: Outbox) -> None:
    outbox.store("prediction", [b"1", b"bad", b"3"])
    outbox.remove(outbox.peek(1))
    (bad,) = outbox.peek(1)
    outbox.hold(bad)
    rest = outbox.peek(10)
    assert [row.payload for row in rest] == [b"3"]
    outbox.remove(rest)
    outbox.store("prediction", [b"4"])
    assert [row.payload for row in outbox.peek(10)] == [b"4"], "numbers of removed rows are not given twice"
    assert outbox.depth == 2
    with closing(sqlite3.connect(outbox.path)) as other:
        assert other.execute("SELECT payload FROM outbox ORDER BY seq").fetchall() == [(b"bad",), (b"4",)]
    outbox.release(bad, RefusedRow(bad, "08P01", "too long"))
    outbox.remove(outbox.peek(10))
    assert (outbox.depth, outbox.dead_letters, outbox.oldest_age()) == (0, 1, 0.0)


def test_dead_letters_are_bounded(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "small.sqlite3", max_rows=10, max_dead_letters=2)
    outbox.store("prediction", [b"1", b"2", b"3"])
    rows = outbox.peek(10)
    outbox.remove(rows, [RefusedRow(row, "22000", "no") for row in rows])
    assert (outbox.depth, outbox.dead_letters, outbox.dropped["dead_letter"]) == (0, 2, 1)
    outbox.close()


def test_dead_letters_are_counted_once_and_not_at_every_look(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite3"
    outbox = Outbox(path, max_rows=10)
    outbox.store("prediction", [b"1"])
    outbox.remove(outbox.peek(1), [RefusedRow(outbox.peek(1)[0], "22000", "no")])
    outbox.close()
    again = Outbox(path, max_rows=10)
    assert again.dead_letters == 1
    again.close()
