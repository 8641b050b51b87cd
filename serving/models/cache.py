"""The files of the model in service, kept on disk: with the registry down, a start still has a model."""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path
from typing import Final

import msgspec

from serving.errors import ModelRefused
from serving.models.loading import VersionRef

ABANDONED_SECONDS: Final = 3600.0
"""A download older than this belongs to a process that died."""


class ModelCache:
    """A folder with one folder per kept version, and `current.json`, which names the one last served."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def workspace(self) -> Path:
        """A new folder to download into, on the same file system."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return Path(tempfile.mkdtemp(prefix="incoming-", dir=self._folder))

    def keep(self, ref: VersionRef, workspace: Path) -> None:
        """Make the files in `workspace` the current ones. A crash leaves either these or those before."""
        kept = self._folder / f"version-{workspace.name.removeprefix('incoming-')}"
        workspace.rename(kept)
        pointer = self._folder / "current.json.new"
        pointer.write_bytes(msgspec.json.encode({"folder": kept.name, "ref": ref}))
        pointer.replace(self._folder / "current.json")
        self._prune(kept)

    def current(self) -> tuple[VersionRef, Path] | None:
        """What was served last, and where its files are. Raises ModelRefused when that cannot be read."""
        pointer = self._folder / "current.json"
        if not pointer.is_file():
            return None
        try:
            found = msgspec.json.decode(pointer.read_bytes(), type=_Pointer)
        except (OSError, msgspec.MsgspecError) as error:
            raise ModelRefused(f"The cached model's {pointer} cannot be read: {error}") from error
        return found.ref, self._folder / Path(found.folder).name

    def _prune(self, kept: Path) -> None:
        for entry in self._folder.glob("version-*"):
            if entry != kept:
                shutil.rmtree(entry, ignore_errors=True)
        for entry in self._folder.glob("incoming-*"):
            if time.time() - entry.stat().st_mtime > ABANDONED_SECONDS:
                shutil.rmtree(entry, ignore_errors=True)


class _Pointer(msgspec.Struct):
    folder: str
    ref: VersionRef
