"""`deployments/local/compiled.sh`: what one environment has compiled, another of the same lock need not."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path("deployments/local/compiled.sh")
PROJECT = Path(__file__).resolve().parents[3]
SOURCE = Path(".venv/lib/python3/site-packages/wine/__init__.py")
COMPILED = SOURCE.parent / "__pycache__" / f"__init__.{sys.implementation.cache_tag}.pyc"


def clone(folder: Path, lock: str) -> Path:
    """A checkout with an environment in which nothing is compiled yet."""
    for path in (SCRIPT.parent, SOURCE.parent, Path(".venv/bin")):
        (folder / path).mkdir(parents=True)
    shutil.copy(PROJECT / SCRIPT, folder / SCRIPT)
    (folder / SOURCE).write_text("price = 24\n")
    (folder / ".venv/bin/python").symlink_to(sys.executable)
    (folder / "uv.lock").write_text(lock)
    return folder


def run(folder: Path, what: str, home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [folder / SCRIPT, what], env={"PATH": "/usr/bin:/bin", "HOME": str(home)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A home to which one environment has given what it compiled."""
    first = clone(tmp_path / "first", "one")
    (first / COMPILED).parent.mkdir()
    (first / COMPILED).write_bytes(b"compiled")
    run(first, "keep", tmp_path / "home")
    return tmp_path / "home"


def test_another_clone_of_the_same_lock_starts_with_them(kept: Path, tmp_path: Path) -> None:
    second = clone(tmp_path / "second", "one")
    run(second, "restore", kept)
    assert (second / COMPILED).read_bytes() == b"compiled"


def test_a_package_that_is_not_installed_leaves_no_folder(kept: Path, tmp_path: Path) -> None:
    """It could be imported: whoever asks for it by trying would believe that it is there."""
    smaller = clone(tmp_path / "smaller", "one")
    (smaller / SOURCE).unlink()
    run(smaller, "restore", kept)
    assert not (smaller / COMPILED).parent.exists()


def test_another_lock_starts_without_and_only_the_last_is_kept(kept: Path, tmp_path: Path) -> None:
    other = clone(tmp_path / "other", "two")
    run(other, "restore", kept)
    assert not (other / COMPILED).exists()
    (other / COMPILED).parent.mkdir()
    (other / COMPILED).write_bytes(b"other")
    run(other, "keep", kept)
    assert len(list((kept / ".cache/wine").iterdir())) == 1


@pytest.mark.parametrize("what", ["keep", "restore"])
def test_a_home_that_cannot_be_written_is_no_reason_to_stop(tmp_path: Path, what: str) -> None:
    (tmp_path / "home").write_text("a file")
    done = run(clone(tmp_path / "first", "one"), what, tmp_path / "home")
    assert done.stdout == done.stderr == ""
