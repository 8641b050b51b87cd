import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from deployments.local.stack import processes
from tests.pace import patience

SLEEP = "import signal, sys; {}; print('ready', flush=True); signal.pause()"
Spawn = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def spawn() -> Iterator[Spawn]:
    started: list[subprocess.Popen[str]] = []

    def start(env: dict[str, str], first: str = "pass") -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", SLEEP.format(first)],
            env=os.environ | env,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout
        process.stdout.readline()
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_only_processes_of_this_stack_are_ended(tmp_path: Path, spawn: Spawn) -> None:
    ours = spawn({processes.STACK_MARKER: str(tmp_path / "mine")})
    of_another_stack = spawn({processes.STACK_MARKER: str(tmp_path / "other")})
    stranger = spawn({})
    assert processes.end_all(tmp_path / "mine") == 1
    assert ours.wait(timeout=patience(5)) is not None
    assert of_another_stack.poll() is None
    assert stranger.poll() is None


def test_a_process_that_ignores_the_polite_signal_is_ended_too(
    tmp_path: Path, spawn: Spawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "TERM_SECONDS", 0.2)
    stubborn = spawn({processes.STACK_MARKER: str(tmp_path)}, "signal.signal(signal.SIGTERM, signal.SIG_IGN)")
    processes.end_all(tmp_path)
    assert not psutil.pid_exists(stubborn.pid)


def test_children_that_lost_the_mark_are_found_through_their_parent(tmp_path: Path, spawn: Spawn) -> None:
    child = "import subprocess; subprocess.Popen(['sleep', '60'], env={})"
    spawn({processes.STACK_MARKER: str(tmp_path)}, child)
    assert processes.end_all(tmp_path) == 2
    assert processes.of_stack(tmp_path) == []


def test_the_flow_runs_in_progress_are_known_by_their_processes(tmp_path: Path, spawn: Spawn) -> None:
    spawn({processes.STACK_MARKER: str(tmp_path), processes.FLOW_RUN_VARIABLE: "run-1"})
    spawn({processes.STACK_MARKER: str(tmp_path / "other"), processes.FLOW_RUN_VARIABLE: "run-2"})
    assert set(processes.flow_runs(tmp_path)) == {"run-1"}
