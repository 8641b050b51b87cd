"""Which releases and environments of the host stay, in the script's own shell functions on a folder."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[3]
SCRIPT = PROJECT / "deployments/ec2/release.sh"


@pytest.fixture
def host(tmp_path: Path) -> Path:
    """Release `new` runs, `old` ran before it, and `failed` was tried between; each has its environment."""
    for name in ("old", "failed", "new"):
        environment, release = tmp_path / f"environments/{name}", tmp_path / f"releases/{name}"
        for folder in (environment, release):
            folder.mkdir(parents=True)
            (folder / ".complete").touch()
            (folder / "program").touch()
        (release / ".venv").symlink_to(environment)
    (tmp_path / "upgrade.last").mkdir()
    (tmp_path / "upgrade.last/previous").write_text("old\n")
    return tmp_path


def remove_old_releases(host: Path, path: str = "/usr/bin:/bin") -> None:
    env = {"HOME_DIR": str(host), "RELEASE": "new", "PATH": path}
    subprocess.run(["bash", "-euc", f'. "{SCRIPT}"; remove_old_releases'], env=env, check=True)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_release_that_ran_before_stays_and_one_that_failed_goes(host: Path) -> None:
    remove_old_releases(host)
    assert names(host / "releases") == {"old", "new"}
    assert names(host / "environments") == {"old", "new"}


def test_first_release_is_alone(host: Path) -> None:
    (host / "upgrade.last/previous").write_text("\n")
    remove_old_releases(host)
    assert names(host / "releases") == names(host / "environments") == {"new"}


@pytest.mark.parametrize("kind", ["releases", "environments"])
def test_what_a_power_cut_leaves_does_not_pass_for_whole(host: Path, kind: str) -> None:
    if kind == "environments":
        shutil.rmtree(host / "releases/failed")  # gone before its environment
    cut = host / "bin"
    cut.mkdir()
    (cut / "rm").write_text('#!/bin/sh\ncase $1 in -rf) exit 0 ;; esac\nexec /bin/rm "$@"\n')
    (cut / "rm").chmod(0o755)
    remove_old_releases(host, f"{cut}:/usr/bin:/bin")
    assert (host / kind / "failed/program").exists()
    assert not (host / kind / "failed/.complete").exists()


def test_trees_that_nobody_installed_go_after_a_day(host: Path) -> None:
    for name in ("wine", "wine.waits1", "wine.forgot", "winery"):
        (host / "srv" / name / "flows").mkdir(parents=True)
    for name in ("wine", "wine.forgot", "winery"):
        os.utime(host / "srv" / name, (0, 0))
    script = f'. "{SCRIPT}"; SENT={host}/srv; remove_forgotten_trees'
    subprocess.run(["bash", "-euc", script], check=True)
    assert names(host / "srv") == {"wine", "wine.waits1", "winery"}
