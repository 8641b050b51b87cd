"""Rows reach the database whatever it does, none is in the way of others, and nothing fails in silence."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from serving.prediction_log import relay as relay_module
from serving.prediction_log.outbox import BATCH_BYTES, Outbox
from serving.prediction_log.relay import Relay
from tests.pace import until
from tests.serving_kit.database import FakeDatabase

POISON = 17


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay_module, "FASTEST_RETRY_SECONDS", 0.001)
    monkeypatch.setattr(relay_module, "SLOWEST_RETRY_SECONDS", 0.01)


@asynccontextmanager
async def running(outbox: Outbox, database: FakeDatabase) -> Any:
    relay = Relay(outbox, database, flush_seconds=0.0)  # type: ignore[arg-type]
    task = asyncio.create_task(relay.run())
    yield relay
    await relay.stop(task, 5)
    assert task.done()


def store(outbox: Outbox, ids: Sequence[int], kind: str = "prediction", pad: int = 0) -> None:
    outbox.store(kind, [b'{"id": %d, "pad": "%s"}' % (number, b"x" * pad) for number in ids])


def refusing(number: int, error: Exception) -> Any:
    return lambda rows: error if any(row["id"] == number for row in rows) else None


async def test_everything_arrives_in_order_and_the_tables_are_made_first(outbox: Outbox) -> None:
    database = FakeDatabase()
    store(outbox, range(900))
    async with running(outbox, database) as relay:
        await until(lambda: outbox.depth == 0)
        assert database.ids == list(range(900))
        assert database.migrations > 0
        assert (relay.state.published, relay.state.problem) == (900, None)


async def test_batches_are_bounded_by_rows_and_by_bytes(outbox: Outbox) -> None:
    database = FakeDatabase()
    store(outbox, range(800))
    store(outbox, range(800, 810), pad=1_000_000)
    async with running(outbox, database):
        await until(lambda: outbox.depth == 0)
    assert max(database.batches) <= 500
    assert max(database.sizes) <= BATCH_BYTES + 600


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.exceptions.CheckViolationError("no"),
        asyncpg.exceptions.UntranslatableCharacterError("no"),
        asyncpg.exceptions.ProgramLimitExceededError("too long"),
    ],
)
async def test_a_row_at_fault_becomes_a_dead_letter_at_once(
    outbox: Outbox, error: asyncpg.PostgresError
) -> None:
    database = FakeDatabase(rule=refusing(POISON, error))
    store(outbox, range(100))
    async with running(outbox, database) as relay:
        await until(lambda: outbox.depth == 0)
        assert (relay.state.refused, relay.state.retries, outbox.dead_letters) == (1, 0, 1)
    assert sorted(database.ids) == [number for number in range(100) if number != POISON]


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.exceptions.ProtocolViolationError("invalid message length"),
        asyncpg.exceptions.AdminShutdownError("terminating connection"),
        asyncpg.exceptions.QueryCanceledError("statement timeout"),
        ConnectionResetError(104, "reset"),
        TimeoutError(),
        ValueError("of our own making"),
    ],
)
async def test_a_row_that_cannot_be_sent_in_any_company_lets_the_others_pass(
    outbox: Outbox, error: Exception
) -> None:
    database = FakeDatabase(rule=refusing(POISON, error))
    store(outbox, range(100))
    async with running(outbox, database) as relay:
        await until(lambda: len(database.rows) == 99)
        for number in range(100, 110):  # as long as others pass, it is tried again
            store(outbox, [number])
            await until(lambda number=number: number in database.ids)
        await until(lambda: outbox.dead_letters == 1)
        assert (outbox.depth, relay.state.problem) == (0, None)
    assert POISON not in database.ids


async def test_a_payload_that_is_no_text_is_no_reason_to_stop(outbox: Outbox) -> None:
    database = FakeDatabase()
    outbox.store("prediction", [b'{"id": 0}', b'{"id": "\xff"}', b'{"id": 2}'])
    async with running(outbox, database) as relay:
        await until(lambda: database.ids == [0, 2])
        assert relay.state.crashes > 0
        for number in (3, 4, 5, 6):
            store(outbox, [number])
            await until(lambda number=number: number in database.ids)
        await until(lambda: outbox.dead_letters == 1)


async def test_a_kind_of_another_release_is_kept_as_a_dead_letter(outbox: Outbox) -> None:
    database = FakeDatabase()
    store(outbox, [1], kind="tasting")
    store(outbox, [2])
    async with running(outbox, database):
        await until(lambda: database.ids == [2])
        await until(lambda: outbox.dead_letters == 1)


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.exceptions.DiskFullError("full"),
        asyncpg.exceptions.ReadOnlySQLTransactionError("standby"),
        asyncpg.exceptions.InsufficientPrivilegeError("no"),
        asyncpg.exceptions.TooManyConnectionsError("many"),
        asyncpg.exceptions.ConnectionFailureError("gone"),
        OSError(113, "no route"),
        TimeoutError(),
    ],
)
async def test_no_row_is_blamed_for_a_database_that_takes_none(outbox: Outbox, error: Exception) -> None:
    database = FakeDatabase(rule=lambda _: error)
    store(outbox, range(3))
    async with running(outbox, database) as relay:
        await until(lambda: relay.state.retries > 30)
        assert (outbox.depth, outbox.dead_letters) == (3, 0)
        assert relay.state.problem is not None
        database.rule = lambda _: None
        await until(lambda: outbox.depth == 0)
    assert sorted(database.ids) == [0, 1, 2]


async def test_tables_that_vanish_are_made_again(outbox: Outbox) -> None:
    database = FakeDatabase()
    store(outbox, [1])
    async with running(outbox, database):
        await until(lambda: outbox.depth == 0)
        made = database.migrations
        database.rule = lambda _: (
            asyncpg.exceptions.UndefinedTableError("gone") if database.migrations == made else None
        )
        store(outbox, [2])
        await until(lambda: outbox.depth == 0)
    assert database.ids == [1, 2]


async def test_an_outage_of_days_overflows_nothing(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay_module, "FASTEST_RETRY_SECONDS", 0.25)
    waits: list[float] = []

    async def note(_: Relay, seconds: float) -> None:
        waits.append(seconds)
        await asyncio.sleep(0)

    monkeypatch.setattr(Relay, "_pause", note)
    monkeypatch.setattr(relay_module, "SLOWEST_RETRY_SECONDS", 30.0)
    database = FakeDatabase(reachable=False)
    store(outbox, [1])
    async with running(outbox, database) as relay:
        await until(lambda: relay.state.retries > 2_000)
        assert relay.state.crashes == 0
        database.reachable = True
        await until(lambda: outbox.depth == 0)
    assert max(waits) <= 1.25 * 30
    assert min(wait for wait in waits[20:2_000] if wait) >= 0.75 * 30


async def test_a_crash_is_counted_and_shown_and_ends_nothing(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    database = FakeDatabase()
    store(outbox, [1])
    whole = Outbox.peek

    def fail(*_: object) -> None:
        raise RuntimeError("nobody foresaw this")

    monkeypatch.setattr(Outbox, "peek", fail)
    async with running(outbox, database) as relay:
        await until(lambda: relay.state.crashes > 20)
        assert relay.state.problem == "crashed"
        assert "nobody foresaw this" in (relay.state.last_error or "")
        said = [record for record in caplog.records if "cannot be written" in record.message]
        assert 1 <= len(said) <= 2, "said, and not every second"
        monkeypatch.setattr(Outbox, "peek", whole)
        await until(lambda: outbox.depth == 0)
        assert relay.state.problem is None


async def test_an_outbox_that_fails_does_not_end_the_relay(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = FakeDatabase(reachable=False)
    store(outbox, [1])

    def fail(*_: object) -> int:
        raise OSError(5, "Input/output error")

    async with running(outbox, database) as relay:
        with monkeypatch.context() as patch:
            patch.setattr(Outbox, "wal_bytes", fail)
            await until(lambda: relay.state.retries > 3)
            database.reachable = True
            await until(lambda: database.ids == [1])
        store(outbox, [2])
        await until(lambda: database.ids == [1, 2])


async def test_a_stop_publishes_what_is_left(outbox: Outbox) -> None:
    database = FakeDatabase()
    relay = Relay(outbox, database, flush_seconds=60)  # type: ignore[arg-type]
    task = asyncio.create_task(relay.run())
    store(outbox, range(700))
    await asyncio.sleep(0)
    await relay.stop(task, 5)
    assert database.ids == list(range(700))


async def test_a_stop_without_a_database_ends_in_time(outbox: Outbox) -> None:
    database = FakeDatabase(reachable=False)
    relay = Relay(outbox, database, flush_seconds=0)  # type: ignore[arg-type]
    task = asyncio.create_task(relay.run())
    store(outbox, range(7))
    await relay.stop(task, 1)
    assert outbox.depth == 7
    assert relay.state.problem == "unreachable"
