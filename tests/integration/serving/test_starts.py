"""Starts with settings that are wrong, forgotten or secret: one message, and nothing that leaks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from serving.access.api_keys import new_key
from tests.pace import patience
from tests.ports import free_port
from tests.serving_kit.services import service, wait_for

pytestmark = pytest.mark.integration
PASSWORD = "Hush-Word-9"


def start(**settings: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": "/usr/bin", "SERVING_PORT": str(free_port()), **settings}
    command = [sys.executable, "-m", "serving"]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=patience(60))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"NEON_URI": f"postgresql://u:{PASSWORD}#1@db.internal/wine"}, "encode # as %23"),
        ({"NEON_URI": f"postgresql://u:{PASSWORD}/1@db.internal/wine"}, "encode / as %2F"),
        ({"NEON_URI": f"postgresql://u:{PASSWORD}?1@db.internal/wine"}, "encode ? as %3F"),
        ({"NEON_URI": f"postgresql://u:{PASSWORD}[1@db.internal/wine"}, "encode [ as %5B"),
        ({"MLFLOW_TRACKING_URI": f"https://u:{PASSWORD}@mlflow.internal"}, "MLFLOW_TRACKING_USERNAME"),
        ({"BACKEND_STORE_URI": f"postgresql://u:{PASSWORD}@db.internal/mlflow"}, "MLFLOW_TRACKING_URI"),
        ({"MLFLOW_TRACKING_URI": "mlflow.internal"}, "must begin with http:// or https://"),
        ({"FRAME_ANCESTORS": "none; script-src *"}, "FRAME_ANCESTORS"),
    ],
)
def test_a_wrong_setting_ends_the_start_with_what_to_do(
    settings: dict[str, str], said: str, tmp_path: Path
) -> None:
    done = start(SERVING_STATE_DIR=str(tmp_path), **settings)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    for part in (PASSWORD, "db.internal", "mlflow.internal"):
        assert part not in done.stderr


def test_a_state_folder_that_cannot_be_written_is_one_message(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = start(SERVING_STATE_DIR=str(tmp_path / "file" / "state"))
    assert done.returncode == 2
    assert "SERVING_STATE_DIR" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) <= 4


def test_a_forgotten_tracker_is_said_at_start_and_on_health(tmp_path: Path) -> None:
    with service(tmp_path / "state", {}, path="/health/live") as running:
        registry = running.health()["registry"]
        assert (registry["status"], registry["problem"]) == ("not configured", "not_configured")
        assert "MLFLOW_TRACKING_URI is not set" in registry["advice"]
        assert "NEON_URI is not set" in running.health()["database"]["advice"]
        assert "MLFLOW_TRACKING_URI is not set" in running.log.read_text()


def test_health_says_in_a_word_to_everybody_and_in_full_to_holders_of_a_key(state: Path) -> None:
    key, kept = new_key()
    port = free_port()
    settings = {
        "API_KEYS": f"operator={kept}",
        "NEON_URI": f"postgresql://wine:{PASSWORD}@127.0.0.1:{port}/todo",
        "MLFLOW_TRACKING_URI": f"http://127.0.0.1:{port}",
    }
    with service(state, settings) as running:
        wait_for(lambda: running.health()["database"]["problem"], what="a database that is away")
        wait_for(lambda: running.health()["registry"]["problem"], what="a registry that is away")
        assert "advice" not in f"{running.health()}"
        everybody = httpx.get(f"{running.address}/health", timeout=patience(20))
        guess = httpx.get(f"{running.address}/health", headers={"X-API-Key": "guess"}, timeout=patience(20))
        holder = httpx.get(
            f"{running.address}/health", headers={"X-API-Key": key}, timeout=patience(20)
        ).json()
        assert everybody.status_code == guess.status_code == 200
        assert everybody.json()["database"]["problem"] == "unreachable"
        assert everybody.json()["registry"]["problem"] == "registry"
        for text in (everybody.text, guess.text):
            for inner in ("Error", "127.0.0.1", str(port), "last_error", "HTTPConnectionPool"):
                assert inner not in text
        assert "ConnectionRefusedError" in holder["database"]["last_error"]
        assert holder["registry"]["last_error"]
        report = httpx.get(
            f"{running.address}/ops/report", headers={"X-API-Key": key}, timeout=patience(20)
        ).json()
        assert "ConnectionRefusedError" in report["service"]["database_problem"]
        assert PASSWORD not in f"{holder}{report}{running.log.read_text()}"


def test_without_keys_nobody_reads_what_errors_say(state: Path) -> None:
    settings = {"NEON_URI": f"postgresql://wine:{PASSWORD}@127.0.0.1:{free_port()}/wine"}
    with service(state, settings) as running:
        wait_for(lambda: running.health()["database"]["problem"], what="a database that is away")
        report = httpx.get(f"{running.address}/ops/report", timeout=patience(20)).json()
        assert report["service"]["database_problem"] == "unreachable"
        assert "Error" not in httpx.get(f"{running.address}/health", timeout=patience(20)).text


def test_metrics_have_the_usual_names_and_say_how_the_relay_is(state: Path) -> None:
    settings = {"NEON_URI": f"postgresql://wine:{PASSWORD}@127.0.0.1:{free_port()}/wine"}
    with service(state, settings) as running:
        wait_for(lambda: running.metric("wine_outbox_retries_total") > 0, what="an attempt")
        assert running.metric("wine_relay_failing") == 1
        assert running.metric("wine_relay_crashes_total") == 0
        assert running.metric("process_resident_memory_bytes") > 2**20
        assert running.metric("process_start_time_seconds") > 0
        assert running.metric("process_open_fds") > 3
