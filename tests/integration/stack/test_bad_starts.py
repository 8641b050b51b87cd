"""What can go wrong before anything has started: one clear message, and nothing left behind."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from deployments.local import processes
from deployments.local.sample import write_sample
from tests.integration.stack.stack import LocalStack

pytestmark = pytest.mark.integration


@pytest.fixture
def fresh(tmp_path: Path) -> LocalStack:
    write_sample(tmp_path / "data", train_rows=80, test_rows=80)
    return LocalStack(state=tmp_path / "state", data=tmp_path / "data")


def refused(stack: LocalStack) -> str:
    done = stack.command("up", seconds=30)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert processes.of_stack(stack.settings.state) == []
    return done.stderr


def test_a_port_in_use(fresh: LocalStack) -> None:
    with socket.create_server(("127.0.0.1", fresh.ports[2])):
        message = refused(fresh)
    assert f"Port {fresh.ports[2]} is in use" in message
    assert "make up SERVING_PORT=" in message


def test_a_missing_data_folder(fresh: LocalStack, tmp_path: Path) -> None:
    message = refused(LocalStack(state=fresh.state, data=tmp_path / "nowhere"))
    assert "nowhere is not a folder" in message


def test_an_empty_data_file(fresh: LocalStack) -> None:
    (fresh.data / "winemag-train.csv").write_text("")
    assert "winemag-train.csv is empty" in refused(fresh)


def test_logs_of_a_stack_that_never_ran(fresh: LocalStack) -> None:
    done = fresh.command("logs", "serving")
    assert done.returncode == 1
    assert "run make up" in done.stderr


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], check=False)
    if mounted.returncode != 0:
        pytest.skip("this machine does not allow mounts")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk(fresh: LocalStack, full_disk: Path) -> None:
    message = refused(LocalStack(state=full_disk / "state", data=fresh.data))
    assert "GB are free" in message
    assert "Free some space" in message
