"""One machine for all drills, installed by the script alone. Opt-in: it takes an hour and root."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.drills.host.inside import PACKAGES, wait_until_healthy
from tests.drills.host.machine import Machine, copy_tree, debootstrap, network, run
from tests.drills.host.outside import Outside, outside

PROJECT = Path(__file__).resolve().parents[3]
TOOLS = ("debootstrap", "systemd-nspawn", "nsenter", "nft", "ip")
SETTINGS = """\
TRACKER_HOST=mlflow.wine.test
PREFECT_HOST=prefect.wine.test
ARTIFACT_ROOT=/var/lib/wine/artifacts
ARTIFACT_DATA=/var/lib/wine/data
TLS=internal
"""
CERTIFICATES = "usr/local/share/ca-certificates"


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bare Debian; HOST_DRILL_BARE names one that is kept between runs."""
    if not os.environ.get("HOST_DRILL"):
        pytest.skip("takes an hour and root: HOST_DRILL=1 runs it (deployments/ci/host-drill.sh)")
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing or os.geteuid() != 0:
        pytest.fail(f"HOST_DRILL needs root and {', '.join(missing) or 'all its tools'}")
    kept = os.environ.get("HOST_DRILL_BARE")
    root = Path(kept) if kept else tmp_path_factory.mktemp("bare") / "root"
    if not root.exists():
        debootstrap(root)
    return root


@pytest.fixture(scope="session")
def surroundings(bare: Path) -> Iterator[Outside]:
    """The network around the machine, and what it talks to there."""
    with network(), outside() as made:
        yield made


@pytest.fixture(scope="session")
def machine(bare: Path, surroundings: Outside, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A booted copy of the bare Debian with a release of this tree, settings and synthetic reviews on it.

    HOST_DRILL_MACHINE names a folder for it that is kept, to go on from where the last run ended.
    """
    folder = tmp_path_factory.mktemp("host")
    kept = os.environ.get("HOST_DRILL_MACHINE")
    root = Path(kept) if kept else folder / "root"
    if not root.exists():
        run("cp", "-a", bare, root)
        furnish(root)
    (root / "etc/wine/host.env").write_text(SETTINGS + surroundings.settings)
    copy_tree(PROJECT, root / "srv/wine")
    uv = shutil.which("uv", path=f"{os.environ['PATH']}:{PROJECT / '.local/tools/bin'}")
    cache = run(uv, "cache", "dir").stdout.strip() if uv else ""
    made = Machine(root, folder / "console.log", [f"{cache}:{PACKAGES}"] if cache else [])
    try:
        made.boot()
        if (root / "opt/wine/current").is_symlink():
            wait_until_healthy(made)
        yield made
    finally:
        made.power_off()
        if not kept:
            shutil.rmtree(root, ignore_errors=True)


def furnish(root: Path) -> None:
    """Settings, reviews, and the certificates of the way out where it has an authority of its own."""
    (root / "etc/wine").mkdir()
    sample = [sys.executable, "-m", "deployments.local.data.sample", str(root / "var/lib/wine/data")]
    subprocess.run(sample, cwd=PROJECT, check=True)
    if any(Path("/", CERTIFICATES).glob("*.crt")):
        shutil.copytree(Path("/", CERTIFICATES), root / CERTIFICATES, dirs_exist_ok=True)
