"""Programs that tests need besides Python packages. Where one is missing, its tests skip and say the command.

In continuous integration nothing may be missing. A test says `@pytest.mark.needs("postgresql", "pgbouncer")`,
a fixture that many tests share calls `require("postgresql")`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import pytest

SYSTEM_FOLDERS: Final = "/usr/sbin:/sbin"
"""Not in the PATH of ordinary users."""

POSTGRES: Final = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
"""Folders of PostgreSQL's programs, the newest first."""


def program(*names: str) -> str | None:
    """Path of the first of these that is installed."""
    path = os.pathsep.join((os.environ.get("PATH", ""), SYSTEM_FOLDERS))
    return next((found for name in names if (found := shutil.which(name, path=path))), None)


def chromium() -> str | None:
    return program("chromium", "chromium-browser", "google-chrome")


def _playwright_runs() -> bool:
    """Whether the browser's driver does: its Node asks the system for libatomic."""
    found = find_spec("playwright")
    if found is None or found.origin is None:
        return False
    node = Path(found.origin).parent / "driver" / "node"
    return subprocess.run([node, "--version"], capture_output=True, check=False).returncode == 0


PACKAGES: Final[dict[str, Callable[[], object]]] = {
    "chromium": chromium,
    "curl": lambda: program("curl"),
    "default-jdk-headless": lambda: program("javac"),
    "libatomic1": _playwright_runs,
    "nginx": lambda: program("nginx"),
    "openssh-client": lambda: program("ssh-keygen"),
    "openssh-server": lambda: program("sshd"),
    "pgbouncer": lambda: program("pgbouncer"),
    "postgresql": lambda: POSTGRES and program("psql"),
    "shellcheck": lambda: program("shellcheck"),
}
"""Debian's and Ubuntu's names, and what tells that the package is there."""


def require(*packages: str) -> None:
    """Skip the test unless all are there; fail it in continuous integration."""
    missing = [package for package in packages if not PACKAGES[package]()]
    if not missing:
        return
    sudo = "" if os.geteuid() == 0 else "sudo "
    reason = f"needs {' '.join(missing)}: {sudo}apt-get install {' '.join(missing)} (make test-tools: all)"
    pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
