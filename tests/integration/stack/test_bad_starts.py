"""What can go wrong before anything has started: one clear message, and nothing left behind."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from deployments.local.data.sample import write_sample
from deployments.local.stack import processes
from tests.integration.stack.stack import LocalStack

pytestmark = pytest.mark.integration

ON_A_FULL_DISK = """\
import runpy, shutil, types
shutil.disk_usage = lambda path: types.SimpleNamespace(free=1_000_000)
runpy.run_module("deployments.local", run_name="__main__")
"""


@pytest.fixture
def fresh(tmp_path: Path) -> LocalStack:
    write_sample(tmp_path / "data", train_rows=80, test_rows=80)
    return LocalStack(state=tmp_path / "state", data=tmp_path / "data")


def refused(stack: LocalStack, *run: str) -> str:
    done = stack.command("up", seconds=60, run=run or ("-m", "deployments.local"))
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


def test_prices_that_are_no_numbers(fresh: LocalStack) -> None:
    path = fresh.data / "winemag-train.csv"
    pd.read_csv(path).assign(price="on request").to_csv(path, index=False)
    message = refused(fresh)
    assert "price is not a number: 80" in message
    assert "Repair it and run again" in message


def test_a_training_file_with_one_country(fresh: LocalStack) -> None:
    path = fresh.data / "winemag-train.csv"
    pd.read_csv(path).assign(country="France").to_csv(path, index=False)
    assert "come from one country (France)" in refused(fresh)


def test_logs_of_a_stack_that_never_ran(fresh: LocalStack) -> None:
    done = fresh.command("logs", "serving")
    assert done.returncode == 1
    assert "run make up" in done.stderr


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path | None]:
    """A disk of one megabyte; None where this machine lets us mount none."""
    folder = tmp_path / "disk"
    folder.mkdir()
    as_root = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
    try:
        subprocess.run(
            [*as_root, "mount", "-t", "tmpfs", "-o", "size=1m,mode=1777", "tmpfs", folder],
            check=True,
            capture_output=True,
        )
    except (subprocess.CalledProcessError, FileNotFoundError):
        yield None
        return
    yield folder
    subprocess.run([*as_root, "umount", folder], check=True)


def test_a_full_disk(fresh: LocalStack, small_disk: Path | None) -> None:
    if small_disk is None:
        message = refused(fresh, "-c", ON_A_FULL_DISK)
    else:
        message = refused(LocalStack(state=small_disk / "state", data=fresh.data))
    assert "GB are free" in message
    assert "Free some space" in message
