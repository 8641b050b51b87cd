"""The folder that holds the outbox, the cached model and the salt: looked at before anything starts."""

from __future__ import annotations

import errno
import tempfile
from pathlib import Path
from typing import Final

from configuration.errors import SettingsError

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})


def check_state_folder(folder: Path) -> None:
    """Make the folder. A full disk is no reason not to start. Raises SettingsError where it is not ours."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=folder):
            return
    except OSError as error:
        if error.errno in _FULL:
            return
        raise SettingsError.of(
            "SERVING_STATE_DIR",
            f"{folder} cannot be written ({error.strerror}): make it writable, or name another folder",
            "/var/lib/wine/serving",
        ) from error
