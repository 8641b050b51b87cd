"""Prefect's database as its server makes it, kept for the next stack: a hundred migrations take 4 seconds.

It lies in `CACHE/wine`, beside the compiled files of the packages, for one release of Prefect. It is copied
when the server has answered for the first time, and so holds tables and what Prefect itself puts into them,
nothing of anybody's work. The folder may be removed at any time.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Mapping
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from typing import Final

NAME: Final = "prefect.db"
BESIDE: Final = ("memo_store.toml",)
"""What the server remembers of the database in a file: that its own blocks are in it."""


def cache(env: Mapping[str, str]) -> Path | None:
    """Where databases are kept; None for a user without a home."""
    try:
        folder = Path(env.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
    except RuntimeError:
        return None
    return folder / "wine" / f"prefect-{version('prefect')}"


def restore(home: Path, env: Mapping[str, str]) -> bool:
    """Put the kept database into the folder `home` of Prefect, which has none. Whether there is one now."""
    kept = cache(env)
    if (home / NAME).exists():
        return True
    if kept is None:
        return False
    try:
        for name in (*BESIDE, NAME):
            shutil.copyfile(kept / name, home / f"{name}.part")
        for name in (*BESIDE, NAME):  # the database last: with it the copy is whole
            (home / f"{name}.part").rename(home / name)
    except OSError:
        return False  # a cache that cannot be used costs time only
    return True


def keep(home: Path, env: Mapping[str, str]) -> None:
    """Keep the database of a server that has just made it, in place of those of other releases."""
    kept = cache(env)
    if kept is None or kept.exists():
        return
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        for other in kept.parent.glob("prefect-*"):
            shutil.rmtree(other, ignore_errors=True)
        with tempfile.TemporaryDirectory(dir=kept.parent, ignore_cleanup_errors=True) as folder:
            made = Path(folder)  # of the user alone
            _copy(home / NAME, made / NAME)
            for name in BESIDE:
                shutil.copyfile(home / name, made / name)
            made.rename(kept)
    except (OSError, sqlite3.Error):
        return


def _copy(source: Path, target: Path) -> None:
    """A consistent copy of a database that a server has open."""
    with closing(sqlite3.connect(source)) as opened, closing(sqlite3.connect(target)) as copied:
        opened.backup(copied)
