"""The folders that the stack writes: the user's own, closed to everybody else."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from pathlib import Path
from typing import Final

from deployments.local.errors import StackError

LONGEST_SOCKET_NAME: Final = ".s.PGSQL.5432.lock"
MAX_SOCKET_PATH: Final = 100
"""Bytes; the kernel allows 107, macOS 103."""

ANOTHER_PLACE: Final = "Use a clone of your own, or choose another place: make up LOCAL_STATE=path"


def make_private(folder: Path) -> None:
    """Make the folder, or close it to others. Raises StackError if it belongs to somebody else."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise StackError(f"{folder} cannot be made ({error.strerror}). {ANOTHER_PLACE}") from error
    if folder.stat().st_uid != os.geteuid():
        raise StackError(f"{folder} belongs to another user. {ANOTHER_PLACE}")
    folder.chmod(0o700)


def make_sockets(state: Path) -> None:
    """Make the folder of the Unix sockets: `run` in the state folder, or, where that path is too long for a
    socket, a temporary one that `run` links to.
    """
    run = state / "run"
    if _fits(run):
        make_private(run)
    elif not _is_private(run.resolve()):
        run.unlink(missing_ok=True)
        run.symlink_to(tempfile.mkdtemp(prefix="wine-stack-"))


def sockets_of(state: Path) -> Path:
    """The folder of the Unix sockets, once it is made."""
    run = state / "run"
    return run if _fits(run) or not _is_private(run.resolve()) else run.resolve()


def remove_sockets(state: Path) -> None:
    """Remove the folder of the sockets, wherever it is. No process of the stack may be left."""
    run = state / "run"
    if _is_private(run.resolve()):
        shutil.rmtree(run.resolve())
    if run.is_symlink():
        run.unlink()


def _fits(folder: Path) -> bool:
    return len(bytes(folder / LONGEST_SOCKET_NAME)) <= MAX_SOCKET_PATH


def _is_private(folder: Path) -> bool:
    try:
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o077
