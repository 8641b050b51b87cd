"""What one local stack's Prefect has made, the next one need not; and nothing of anybody's work is in it."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from deployments.local.stack import prefect_database
from deployments.local.stack.prefect_database import keep, restore


def made(home: Path, word: str = "tables") -> Path:
    """The folder of a Prefect whose server has made its database."""
    home.mkdir()
    with closing(sqlite3.connect(home / "prefect.db")) as database, database:
        database.execute("CREATE TABLE made (what TEXT)")
        database.execute("INSERT INTO made VALUES (?)", (word,))
    (home / "memo_store.toml").write_text("blocks = 1")
    return home


def word_of(home: Path) -> str:
    with closing(sqlite3.connect(home / "prefect.db")) as database:
        return str(database.execute("SELECT what FROM made").fetchone()[0])


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return {"XDG_CACHE_HOME": str(tmp_path / ".cache")}


def test_the_next_stack_begins_with_what_the_first_has_made(tmp_path: Path, env: dict[str, str]) -> None:
    first, second = made(tmp_path / "first"), tmp_path / "second"
    second.mkdir()
    assert not restore(second, env)
    keep(first, env)
    assert restore(second, env)
    assert word_of(second) == "tables"
    assert {path.name for path in second.iterdir()} == {"prefect.db", "memo_store.toml"}


def test_a_stack_that_has_a_database_keeps_its_own(tmp_path: Path, env: dict[str, str]) -> None:
    keep(made(tmp_path / "first"), env)
    own = made(tmp_path / "own", "mine")
    assert restore(own, env)
    assert word_of(own) == "mine"


def test_what_is_kept_is_a_whole_copy_of_an_open_database(tmp_path: Path, env: dict[str, str]) -> None:
    first, second = made(tmp_path / "first"), tmp_path / "second"
    second.mkdir()
    with closing(sqlite3.connect(first / "prefect.db")) as server:
        server.execute("PRAGMA journal_mode = WAL")
        server.execute("UPDATE made SET what = 'still in the log'")
        server.commit()
        keep(first, env)
    assert restore(second, env)
    assert word_of(second) == "still in the log"


def test_another_release_of_prefect_begins_anew_and_takes_the_place(
    tmp_path: Path, env: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(made(tmp_path / "first"), env)
    monkeypatch.setattr(prefect_database, "version", lambda _name: "99.0")
    second = tmp_path / "second"
    second.mkdir()
    assert not restore(second, env)
    keep(made(tmp_path / "newer"), env)
    assert [path.name for path in (tmp_path / ".cache/wine").iterdir()] == ["prefect-99.0"]


def test_the_copy_is_the_users_alone(tmp_path: Path, env: dict[str, str]) -> None:
    keep(made(tmp_path / "first"), env)
    [kept] = (tmp_path / ".cache/wine").iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o700


def test_without_a_folder_to_keep_it_in_all_goes_on(tmp_path: Path) -> None:
    nowhere = {"XDG_CACHE_HOME": "/proc/nowhere"}
    second = tmp_path / "second"
    second.mkdir()
    keep(made(tmp_path / "first"), nowhere)
    assert not restore(second, nowhere)
    assert not list(second.iterdir())


def test_its_place_is_the_users_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/anna")
    assert str(prefect_database.cache({})).startswith("/home/anna/.cache/wine/prefect-")


def test_a_copy_that_fails_leaves_nothing(tmp_path: Path, env: dict[str, str]) -> None:
    first = made(tmp_path / "first")
    (first / "memo_store.toml").unlink()
    keep(first, env)
    assert not list((tmp_path / ".cache/wine").iterdir())


def test_half_a_cache_is_no_database(tmp_path: Path, env: dict[str, str]) -> None:
    keep(made(tmp_path / "first"), env)
    [kept] = (tmp_path / ".cache/wine").iterdir()
    (kept / "prefect.db").unlink()
    second = tmp_path / "second"
    second.mkdir()
    assert not restore(second, env)
    assert not (second / "prefect.db").exists()


@pytest.mark.parametrize("module", ["deployments.rescue", "deployments.local.up"])
def test_who_only_asks_prefect_over_http_imports_nothing_of_it(module: str) -> None:
    program = f"import sys, {module}; sys.exit('prefect' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
