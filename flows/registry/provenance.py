"""Where a model came from: the commit of the code and the versions of the libraries."""

from __future__ import annotations

import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Final

LIBRARIES: Final = ("scikit-learn", "lightgbm", "numpy", "pandas", "scipy", "skops", "rapidfuzz", "msgspec")
"""What a loaded model runs on."""

_ROOT: Final = Path(__file__).resolve().parents[2]


def library_versions() -> dict[str, str]:
    return {name: version(name) for name in LIBRARIES}


def requirements() -> list[str]:
    """Pinned requirements of a saved model."""
    return [f"{name}=={number}" for name, number in library_versions().items()]


def git_commit(given: str | None = None) -> str:
    """The commit of the running code: as given (GIT_COMMIT, where there is no repository), or asked of Git.

    A tree with uncommitted changes is marked `-dirty`; "unknown" where there is neither.
    """
    if given:
        return given
    git = shutil.which("git")
    if git is None:
        return "unknown"
    described = subprocess.run(
        [git, "-C", str(_ROOT), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"],
        capture_output=True,
        text=True,
        timeout=10,
        check=False,
    )
    return described.stdout.strip() or "unknown"
