"""The salt of the names of clients: made once for an installation, and whole or not there."""

from __future__ import annotations

import logging
import os
import secrets
from pathlib import Path
from typing import Final

log = logging.getLogger(__name__)

FILE_NAME: Final = "client-salt"
MIN_BYTES: Final = 16


def client_salt(given: str, folder: Path) -> bytes:
    """The salt of this installation: CLIENT_SALT, or one made once and kept in `folder`.

    Where it cannot be kept, clients have other names after a restart.
    """
    if given:
        return given.encode()
    path = folder / FILE_NAME
    try:
        return _kept(path) or _made(path)
    except OSError as error:
        log.warning("The salt %s cannot be kept (%s): clients get other names after a restart", path, error)
        return secrets.token_hex(MIN_BYTES).encode()


def _kept(path: Path) -> bytes | None:
    """What is kept, unless a crash has left it empty or cut it off: a short salt would protect nobody."""
    content = path.read_bytes().strip() if path.is_file() else b""
    return content if len(content) >= MIN_BYTES else None


def _made(path: Path) -> bytes:
    """A new salt, written beside its place and moved there, so that a crash leaves no half of it."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_hex(MIN_BYTES).encode())
            file.flush()
            os.fsync(file.fileno())
        _put(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    return _kept(path) or secrets.token_hex(MIN_BYTES).encode()


def _put(draft: Path, path: Path) -> None:
    """Of services that start together the first one's salt stays."""
    if path.exists() and _kept(path) is None:
        path.unlink(missing_ok=True)
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        return
    except OSError:  # a file system without links
        draft.replace(path)
