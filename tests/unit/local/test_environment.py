"""`deployments/local/environment.sh` on machines that lack something, with stand-ins for their programs."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from tests.pace import patience
from tests.unit.local.bare_machine import BASICS, SCRIPT, Machine

PROJECT = Path(__file__).resolve().parents[3]
TRIM = Path("deployments/images/trim.sh")
COMPILED = Path("deployments/local/compiled.sh")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    (tmp_path / SCRIPT).parent.mkdir(parents=True)
    shutil.copy(PROJECT / SCRIPT, tmp_path / SCRIPT)
    (tmp_path / TRIM).parent.mkdir(parents=True)
    for script in (TRIM, COMPILED):
        (tmp_path / script).write_text(f'#!/bin/sh\necho "$*" >>"{tmp_path}/trims"\n')
        (tmp_path / script).chmod(0o755)
    (tmp_path / "uv.lock").touch()
    (tmp_path / ".venv").mkdir()
    found = Machine(tmp_path)
    found.programs.mkdir()
    for name in BASICS:
        (found.programs / name).symlink_to(str(shutil.which(name)))
    found.has("git", "#!/bin/sh\n")
    found.has("apt-get", "#!/bin/sh\n")
    return found


@pytest.mark.parametrize("version", ["3.11.2", "3.12.3", "3.13.5", "3.14.0"])
def test_the_usual_python_is_used_without_a_word_about_it(machine: Machine, version: str) -> None:
    machine.has_python("python3", version)
    machine.has_uv()
    done = machine.run()
    assert done.returncode == 0, done.stderr
    assert "--group local --python python3\n" in machine.synced
    assert "using" not in done.stderr


@pytest.mark.parametrize("version", ["3.9.2", "3.15.0", "4.0.0"])
def test_another_python_of_the_machine_is_used_and_named(machine: Machine, version: str) -> None:
    machine.has_python("python3", version)
    machine.has_python("python3.12", "3.12.3")
    machine.has_uv()
    done = machine.run()
    assert f"python3 is Python {version}" in done.stderr
    assert "bin/python3.12" in done.stderr
    assert "--python python3.12\n" in machine.synced


def test_a_python_that_only_uv_knows_is_used(machine: Machine) -> None:
    machine.has_python("python3", "3.15.0")
    machine.has_python("hidden", "3.13.1")
    machine.has_uv(found=str(machine.programs / "hidden"))
    assert machine.run().returncode == 0
    assert "--python hidden\n" in machine.synced


def test_without_any_python_that_fits_it_says_how_to_get_one(machine: Machine) -> None:
    machine.has_python("python3", "3.15.0")
    machine.has_uv()
    done = machine.run()
    assert done.returncode == 1
    assert "uv fetches one" in done.stderr
    assert "make up PYTHON=python3.13" in done.stderr
    assert machine.synced == ""


def test_the_python_that_is_asked_for_is_used_or_refused(machine: Machine) -> None:
    machine.has_python("python3", "3.11.2")
    machine.has_python("python3.13", "3.13.5")
    machine.has_python("python3.15", "3.15.0")
    machine.has_uv()
    refused = machine.run(PYTHON="python3.15")
    assert refused.returncode == 1
    assert "PYTHON=python3.15 is Python 3.15.0; this needs Python 3.11 to 3.14." in refused.stderr
    assert machine.run(PYTHON="python3.13").returncode == 0
    assert "--python python3.13\n" in machine.synced


def test_an_environment_that_fits_is_kept(machine: Machine) -> None:
    machine.has_python("python3", "3.12.3")
    machine.has_python("kept", "3.11.2")
    machine.has_uv()
    (machine.folder / ".venv/bin").mkdir()
    (machine.folder / ".venv/bin/python").symlink_to(machine.programs / "kept")
    assert machine.run().returncode == 0
    assert "--python kept\n" in machine.synced


@pytest.mark.parametrize("on_the_path", [None, "0.8.17", "0.9.30"])
def test_uv_is_installed_where_it_is_missing_or_too_old(machine: Machine, on_the_path: str | None) -> None:
    machine.has_python("python3", "3.11.2")
    machine.has_uv(name="later-uv")
    if on_the_path:
        machine.has_uv(on_the_path, then="exit 9")
    done = machine.run()
    assert done.returncode == 0, done.stderr
    assert "Installing uv" in done.stderr
    assert "--group local" in machine.synced


def test_uv_is_kept_for_the_next_clone(machine: Machine) -> None:
    machine.has_python("python3", "3.11.2")
    machine.has_uv(name="later-uv")
    assert "Installing uv" in machine.run().stderr
    shutil.rmtree(machine.folder / ".local")
    machine.has_python("python3", "3.11.2", bare=True, pip=1)
    done = machine.run()
    assert done.returncode == 0, done.stderr
    assert "Installing uv" not in done.stderr
    assert machine.run("--uv").stdout == f"{machine.folder / '.local/tools/bin/uv'}\n"


@pytest.mark.parametrize("kept", ["0.8.17", None])
def test_a_kept_uv_that_does_not_run_or_is_too_old_is_installed_anew(
    machine: Machine, kept: str | None
) -> None:
    machine.has_python("python3", "3.11.2")
    machine.has_uv(name="later-uv")
    cache = machine.folder / ".cache/wine"
    cache.mkdir(parents=True)
    if kept:
        machine.has_uv(kept, name="old")
        (machine.programs / "old").rename(cache / "uv")
    else:
        (cache / "uv").write_text("damaged")
    done = machine.run()
    assert done.returncode == 0, done.stderr
    assert "Installing uv" in done.stderr
    assert "--group local" in machine.synced


@pytest.mark.parametrize("on_the_path", [None, "0.8.17", "0.13.9"])
def test_uv_is_named_for_other_programs(machine: Machine, on_the_path: str | None) -> None:
    machine.has_python("python3", "3.11.2")
    machine.has_uv(name="later-uv")
    if on_the_path:
        machine.has_uv(on_the_path)
    done = machine.run("--uv")
    assert done.returncode == 0, done.stderr
    expected = machine.programs / "uv" if on_the_path == "0.13.9" else Path(".local/tools/bin/uv")
    assert done.stdout == f"{machine.folder / expected}\n"
    assert machine.synced == ""


def test_an_index_that_cannot_be_reached_is_named(machine: Machine) -> None:
    machine.has_python("python3", "3.11.2", pip=1)
    done = machine.run()
    assert done.returncode == 1
    assert "Is the package index reachable?" in done.stderr


def test_a_missing_git_is_named_with_its_command(machine: Machine) -> None:
    machine.has_python("python3", "3.11.2")
    machine.has_uv()
    (machine.programs / "git").unlink()
    done = machine.run()
    assert done.returncode == 1
    assert "apt install git" in done.stderr
    assert machine.synced == ""


@pytest.mark.parametrize("bare", [True, False])
def test_a_missing_venv_is_named_with_its_command(machine: Machine, bare: bool) -> None:
    if bare:
        machine.has_python("python3", "3.11.2", bare=True)
    done = machine.run()
    assert done.returncode == 1
    assert "apt install python3 python3-venv" in done.stderr


def test_macos_without_openmp_is_told_before_anything_is_downloaded(machine: Machine) -> None:
    machine.has_python("python3", "3.11.2")
    machine.has_uv()
    (machine.programs / "uname").unlink()
    machine.has("uname", "#!/bin/sh\necho Darwin\n")
    done = machine.run()
    assert done.returncode == 1
    assert "brew install libomp" in done.stderr
    assert machine.synced == ""


@pytest.mark.parametrize("home", ["/proc/nobody", ""])
def test_a_home_that_cannot_be_written_needs_no_other_setting(machine: Machine, home: str) -> None:
    machine.has_python("python3", "3.11.2")
    machine.has_uv()
    done = machine.run(HOME=home)
    assert done.returncode == 0, done.stderr
    assert f"packages are kept in {machine.folder}/.local/cache/uv" in done.stderr
    assert str(machine.folder / ".local/cache/uv") in machine.synced


def test_a_project_that_cannot_be_written_is_named(machine: Machine) -> None:
    machine.has_python("python3", "3.11.2")
    machine.has_uv()
    (machine.programs / "mkdir").unlink()
    machine.has("mkdir", "#!/bin/sh\nexit 1\n")
    done = machine.run()
    assert done.returncode == 1
    assert "Clone the project into a folder of your own" in done.stderr


def test_interrupting_the_installation_says_how_to_go_on(machine: Machine) -> None:
    machine.has_python("python3", "3.11.2")
    ready = machine.folder / "ready"
    os.mkfifo(ready)
    machine.has_uv(then=f"echo >{ready}; exec sleep 20")
    started = subprocess.Popen(
        [machine.folder / SCRIPT, "local"],
        env=machine.environment,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    ready.read_text()
    os.killpg(started.pid, signal.SIGINT)
    _, said = started.communicate(timeout=patience(10))
    assert started.returncode == 130
    assert "Interrupted while the environment was being made" in said


def test_what_nothing_runs_is_taken_out_once_after_each_change_of_the_lock(machine: Machine) -> None:
    machine.has_python("python3", "3.11.2")
    machine.has_uv()
    trims = machine.folder / "trims"
    assert machine.run("dev").returncode == 0
    assert not trims.exists(), "tests may want all of it"
    for _ in range(2):
        assert machine.run("local").returncode == 0
        assert trims.read_text().split("\n") == ["--in-use .venv", "restore", ""]
    later = (machine.folder / ".venv/trimmed").stat().st_mtime + 5
    os.utime(machine.folder / "uv.lock", (later, later))
    assert machine.run("local").returncode == 0
    assert trims.read_text().count(".venv") == 2
