"""A file's SHA-256, and the file beside it that keeps it."""

from __future__ import annotations

import hashlib
from pathlib import Path


def checksum_file(dump: Path) -> Path:
    return dump.with_name(dump.name + ".sha256")


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
