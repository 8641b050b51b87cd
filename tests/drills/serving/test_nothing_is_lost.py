"""Every answered request reaches the log exactly once, whatever breaks behind the service."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.pace import patience
from tests.serving_kit.load import Load, LoadCounts, during
from tests.serving_kit.postgres import Postgres
from tests.serving_kit.services import Process, service, wait_for
from tests.serving_kit.taps import tap

pytestmark = pytest.mark.drill

SMALL_DISK = """
import resource, runpy, sys
from pricing.model.lightgbm_library import load_lightgbm
load_lightgbm()
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
runpy.run_module("serving", run_name="__main__")
"""
"""The service with a limit on the size of its files. The limit counts memory too, in which the OpenMP runtime
has to be on a machine without one, and where no full disk would hinder it: so that is loaded before.
"""

REQUESTS = int(os.environ.get("DRILL_REQUESTS", "20000"))


def with_room_for(size: int) -> tuple[str, ...]:
    """The beginning of a command that runs the service while no file grows beyond `size` bytes."""
    return sys.executable, "-c", SMALL_DISK, str(size)


def logged_ids(server: Postgres, database: str) -> list[str]:
    return server.query("SELECT request_id FROM wine_predictions", database).split()


def dead_letters(state: Path) -> list[tuple[str, str]]:
    """SQLSTATE and country of every row that is kept apart, each of which has its reason."""
    (path,) = (state / "outbox").glob("outbox-*.sqlite3")
    with closing(sqlite3.connect(path)) as outbox:
        found = outbox.execute("SELECT sqlstate, reason, payload FROM dead_letters").fetchall()
    assert all("no_chile" in reason for _, reason, _ in found)
    return [(sqlstate, json.loads(payload)["country"]) for sqlstate, _, payload in found]


def until_published(running: Process) -> None:
    wait_for(lambda: running.health()["outbox"]["rows"] == 0, what="an empty outbox")


def assert_each_once(server: Postgres, database: str, counts: LoadCounts) -> None:
    logged = logged_ids(server, database)
    assert len(logged) == len(set(logged))
    assert set(counts.request_ids) <= set(logged)


def test_database_is_down_for_the_whole_of_a_load(
    database_server: Postgres, database: str, settings: dict[str, str], state: Path
) -> None:
    database_server.stop()
    try:
        with service(state, settings) as running:
            counts = asyncio.run(Load(running.port, connections=32, requests=REQUESTS).run())
            assert counts.statuses == {200: REQUESTS}
            assert running.health()["database"]["status"] == "failing"
            assert running.health()["outbox"]["rows"] == REQUESTS
            database_server.start()
            until_published(running)
            assert len(logged_ids(database_server, database)) == REQUESTS
            assert_each_once(database_server, database, counts)
            wait_for(lambda: running.health()["database"]["status"] == "ok", what="the good news")
    finally:
        if "no server" in _status(database_server):
            database_server.start()


def test_service_is_killed_in_the_middle_of_a_load(
    database_server: Postgres, database: str, settings: dict[str, str], state: Path
) -> None:
    load_ = None
    with service(state, settings) as running:
        load_ = Load(running.port, connections=32)

        def kill_in_the_middle() -> None:
            wait_for(lambda: load_.counts.answered > 2_000, what="a load that runs")
            running.kill()

        counts = during(load_, kill_in_the_middle)
    assert counts.answered > 2_000
    with service(state, settings) as again:
        until_published(again)
        assert_each_once(database_server, database, counts)
        outboxes = list((state / "outbox").glob("*.sqlite3"))
        assert len(outboxes) == 1, "the outbox of the process that died was taken over"


def test_every_connection_is_cut_again_and_again(
    database_server: Postgres, database: str, settings: dict[str, str], state: Path
) -> None:
    cuts = []

    def cut_often() -> None:
        deadline = time.monotonic() + 3
        while time.monotonic() < deadline:
            cuts.append(database_server.cut())
            time.sleep(0.1)

    with service(state, settings) as running:
        counts = during(Load(running.port), cut_often)
        assert counts.broken == 0
        assert set(counts.statuses) == {200}
        until_published(running)
    assert sum(cuts) > 0, "there was something to cut"
    assert_each_once(database_server, database, counts)


def test_two_services_share_a_state_folder(
    database_server: Postgres, database: str, settings: dict[str, str], state: Path
) -> None:
    with service(state, settings) as one, service(state, settings) as two:
        each_counts = [asyncio.run(Load(each.port, requests=500).run()) for each in (one, two)]
        assert len(list((state / "outbox").glob("*.sqlite3"))) == 2
        until_published(one)
        until_published(two)
    for counts in each_counts:
        assert_each_once(database_server, database, counts)
    assert len(logged_ids(database_server, database)) == 1_000


def test_rows_of_a_dead_process_are_taken_over_while_there_is_traffic(
    database_server: Postgres, database: str, settings: dict[str, str], state: Path
) -> None:
    with service(state, settings) as survivor:
        with service(state, {**settings, "OUTBOX_FLUSH_SECONDS": "60"}) as victim:
            left = asyncio.run(Load(victim.port, requests=3_000).run())
            victim.kill()
        load_ = Load(survivor.port, connections=8)
        ids = set(left.request_ids)

        def wait_for_the_rows() -> None:
            wait_for(
                lambda: ids <= set(logged_ids(database_server, database)), what="the rows that were left"
            )

        counts = during(load_, wait_for_the_rows)
        assert set(counts.statuses) == {200}
        until_published(survivor)
        assert_each_once(database_server, database, counts)
        assert len(list((state / "outbox").glob("*.sqlite3"))) == 1


def test_a_full_disk_at_start_hides_no_row_and_fails_no_prediction(
    database_server: Postgres, database: str, settings: dict[str, str], state: Path
) -> None:
    nowhere = {**settings, "NEON_URI": "postgresql://wine:word@127.0.0.1:9/none"}
    with service(state, nowhere) as running:
        left = asyncio.run(Load(running.port, requests=1_000).run())
        running.kill()
    with service(state, nowhere, command=with_room_for(1_000)) as running:
        counts = asyncio.run(Load(running.port, requests=100).run())
        assert counts.statuses == {200: 100}
        assert running.health()["outbox"]["durable"] is False
        assert not list((state / "outbox").glob("*.corrupt*"))
        running.stop()
    with service(state, settings) as again:
        until_published(again)
        assert_each_once(database_server, database, left)


def test_a_stop_moves_what_is_left_first(
    database_server: Postgres, database: str, settings: dict[str, str], state: Path
) -> None:
    with service(state, {**settings, "OUTBOX_FLUSH_SECONDS": "30"}) as running:
        counts = asyncio.run(Load(running.port, requests=700).run())
        assert running.health()["outbox"]["rows"] == 700
        running.stop()
    assert_each_once(database_server, database, counts)


def test_a_stop_with_the_database_down_is_done_in_time(settings: dict[str, str], state: Path) -> None:
    nowhere = {**settings, "NEON_URI": "postgresql://wine:word@127.0.0.1:9/none", "DRAIN_SECONDS": "2"}
    with service(state, nowhere) as running:
        asyncio.run(Load(running.port, requests=50).run())
        before = time.monotonic()
        running.stop()
        assert time.monotonic() - before < 8
    with service(state, nowhere) as again:
        assert again.health()["outbox"]["rows"] == 50


def test_rows_that_the_database_refuses_block_no_others(
    database_server: Postgres, database: str, settings: dict[str, str], state: Path
) -> None:
    with service(state, settings) as running:
        wait_for(lambda: running.health()["database"]["status"] == "ok", what="the tables")
        refusing = "ALTER TABLE wine_predictions ADD CONSTRAINT no_chile CHECK (country <> 'Chile')"
        database_server.query(refusing, database)
        wine = dict(Load(0).wine)
        with httpx.Client(base_url=running.address, timeout=patience(20)) as client:
            for number in range(60):
                country = "Chile" if number % 20 == 7 else "France"
                assert client.post("/predict", json={**wine, "country": country}).status_code == 200
        until_published(running)
        assert running.health()["outbox"]["dead_letters"] == 3
        assert set(dead_letters(state)) == {("23514", "Chile")}
    assert len(logged_ids(database_server, database)) == 57


def test_a_full_disk_fails_no_prediction_and_space_ends_it(settings: dict[str, str], state: Path) -> None:
    nowhere = {**settings, "NEON_URI": "postgresql://wine:word@127.0.0.1:9/none"}
    with service(state, nowhere, command=with_room_for(300_000)) as running:
        counts = asyncio.run(Load(running.port, requests=1_500).run())
        assert counts.statuses == {200: 1_500}
        dropped = running.metric('wine_outbox_dropped_total{reason="disk"}')
        assert dropped > 0
        feedback = {"request_id": counts.request_ids[0], "price": 20}
        said = [
            httpx.post(f"{running.address}/feedback", json=feedback, timeout=patience(20)).status_code
            for _ in range(100)
        ]
        assert said[-1] == 503, "a price that is lost must not look recorded"
        kept = running.health()["outbox"]["rows"]
        assert kept == 1_500 - dropped + said.count(202)
        os.system(f"prlimit --pid {running.process.pid} --fsize=unlimited:unlimited")  # noqa: S605 - our own process
        asyncio.run(Load(running.port, requests=10).run())
        assert running.health()["outbox"]["rows"] == kept + 10


def test_an_outbox_at_its_cap_fails_no_prediction(settings: dict[str, str], state: Path) -> None:
    capped = {**settings, "NEON_URI": "postgresql://wine:word@127.0.0.1:9/none", "OUTBOX_MAX_ROWS": "100"}
    with service(state, capped) as running:
        counts = asyncio.run(Load(running.port, requests=250).run())
        assert counts.statuses == {200: 250}
        assert running.health()["outbox"]["rows"] == 100
        assert running.metric("wine_outbox_dropped_total") == 150


def test_an_idle_service_sends_the_database_nothing(
    database_server: Postgres, database: str, settings: dict[str, str], state: Path
) -> None:
    idle_seconds = float(os.environ.get("DRILL_IDLE_SECONDS", "4"))
    with tap(database_server.port) as tapped:
        through = database_server.uri(database).replace(str(database_server.port), str(tapped.port))
        with service(state, {**settings, "NEON_URI": through}) as running:
            asyncio.run(Load(running.port, requests=20).run())
            until_published(running)
            assert tapped.bytes > 0
            time.sleep(0.5)  # the answer to the last statement
            before = tapped.bytes
            threading.Event().wait(idle_seconds)
            running.health()
            running.metric("wine_outbox_rows")
            assert tapped.bytes == before, "neither time nor a look at health or metrics wakes the database"


def _status(server: Postgres) -> str:
    try:
        return server.query("SELECT 1")
    except Exception:  # noqa: BLE001 - whatever it says, it does not answer
        return "no server"
