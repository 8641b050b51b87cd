"""Style sheets, scripts, fonts and pictures, held in memory under a path that changes with their content."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import PurePath
from typing import Final

MEDIA_TYPES: Final = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".woff2": "font/woff2",
}


@dataclass(frozen=True, slots=True)
class Asset:
    content: bytes
    media_type: str


@cache
def assets() -> dict[str, Asset]:
    """Every file in the folders of `static/` by "folder/name"."""
    found = {
        f"{folder.name}/{entry.name}": Asset(entry.read_bytes(), MEDIA_TYPES[PurePath(entry.name).suffix])
        for folder in (files("serving.pages") / "static").iterdir()
        for entry in folder.iterdir()
    }
    return dict(sorted(found.items()))


@cache
def digest() -> str:
    """A short hash of all assets. It is part of their address, so browsers may keep them for ever."""
    total = hashlib.sha256()
    for name, asset in assets().items():
        total.update(name.encode() + b"\0" + asset.content)
    return total.hexdigest()[:12]
