"""A year of the host, made short: monthly upgrades with rotated keys, a full bucket, a lost disk."""

from __future__ import annotations

import logging
import os
import shutil
import time
from pathlib import Path

import pytest

from tests.drills.host.conftest import PROJECT, furnish
from tests.drills.host.counted import counts, of_tracker, versions
from tests.drills.host.inside import install, secrets, wait_until_healthy
from tests.drills.host.machine import Machine, copy_tree, run
from tests.drills.host.older import MLFLOW, PREFECT
from tests.drills.host.outside import Outside
from tests.drills.host.outsider import ask
from tests.integration.host.operations import on_page
from tests.pace import patience

pytestmark = [pytest.mark.drill, pytest.mark.timeout(3600)]

MONTHS = int(os.environ.get("HOST_DRILL_MONTHS", "12"))
KEYS = (
    "PREFECT_PASSWORD",
    "MLFLOW_AUTH_ADMIN_PASSWORD",
    "TRACKER_FLOWS_PASSWORD",
    "TRACKER_SERVICE_PASSWORD",
)
ARTIFACTS = "var/lib/wine/artifacts"
logger = logging.getLogger(__name__)


@pytest.fixture(scope="module")
def host(machine: Machine) -> Machine:
    """The machine with this release on it."""
    copy_tree(PROJECT, machine.root / "srv/wine")
    install(machine)
    return machine


def rotate(host: Machine, name: str) -> None:
    host.sh(f"sed -i 's/^{name}=.*/{name}='$(openssl rand -hex 24)/ /etc/wine/secrets.env")


def opened(words: dict[str, str]) -> list[str]:
    """What the passwords open: Prefect, the tracker as administrator, as flows, as service."""
    search = "/api/2.0/mlflow/experiments/search?max_results=1"
    alias = "/api/2.0/mlflow/registered-models/alias?name=WinePriceRegressorPipeline&alias=production"
    return [
        ask("prefect", "/api/health", "-u", f"prefect:{words['PREFECT_PASSWORD']}"),
        ask("mlflow", search, "-u", f"admin:{words['MLFLOW_AUTH_ADMIN_PASSWORD']}"),
        ask("mlflow", search, "-u", f"wine-flows:{words['TRACKER_FLOWS_PASSWORD']}"),
        ask("mlflow", alias, "-u", f"wine-service:{words['TRACKER_SERVICE_PASSWORD']}"),
    ]


def test_monthly_upgrades_with_rotated_keys_lose_nothing_and_take_no_room(host: Machine) -> None:
    before, taken, rooms = counts(host), [], []
    for month in range(MONTHS):
        old, key = secrets(host), month % len(KEYS)
        rotate(host, KEYS[key])
        host.sh(f"echo 'month {month}' >> /srv/wine/README.md")
        began = time.monotonic()
        assert "current release is" in install(host)
        taken.append(time.monotonic() - began)
        assert counts(host) == before, month
        assert opened(secrets(host)) == ["200"] * 4, month
        assert opened(old)[key] == "401", month
        if month in (1, MONTHS - 1):  # from the second on there is one release before
            rooms.append(int(host.sh("du -sm /opt/wine", timeout=600).stdout.split()[0]))
    logger.info("upgrades took %s s", ", ".join(f"{each:.0f}" for each in taken))
    logger.info("/opt/wine: %s MB after the second and the last upgrade", rooms)
    assert rooms[-1] - rooms[0] < 50
    assert host.sh("wine-run deployments.doctor").returncode == 0


def test_backup_that_finds_the_bucket_full_is_told_stays_on_the_disk_and_goes_later(
    host: Machine, surroundings: Outside
) -> None:
    surroundings.told.clear()
    surroundings.pings.clear()
    with surroundings.full_bucket():
        assert host.sh("systemctl start wine-backup.service", check=False).returncode != 0
        end = time.monotonic() + patience(60)
        while not any("wine-backup.service failed" in text for text in surroundings.told):
            assert time.monotonic() < end, surroundings.told
            time.sleep(0.5)
        assert surroundings.pings == []
        assert "last backup: 0 hours old" in host.sh("wine-run deployments.doctor", check=False).stdout
    host.sh("systemctl start wine-backup.service")
    assert surroundings.pings == ["/backup"]


def test_disk_is_lost_and_a_new_host_goes_on_from_the_bucket(
    host: Machine, surroundings: Outside, bare: Path, tmp_path: Path
) -> None:
    host.sh("systemctl start wine-backup.service")
    before = of_tracker(host)
    dump = max(name for name in surroundings.names() if name.endswith(".dump"))
    settings = (host.root / "etc/wine/host.env").read_text()
    shutil.copytree(host.root / ARTIFACTS, tmp_path / "artifacts")  # elsewhere the bucket has them
    host.power_off()
    shutil.rmtree(host.root)

    began = time.monotonic()
    run("cp", "-a", bare, host.root)
    furnish(host.root)
    (host.root / "etc/wine/host.env").write_text(settings)
    copy_tree(PROJECT, host.root / "srv/wine")
    host.boot()
    install(host)
    shutil.copytree(tmp_path / "artifacts", host.root / ARTIFACTS, dirs_exist_ok=True)
    host.sh(f"chown -R wine:wine /{ARTIFACTS}")
    for command in (
        on_page("sudo systemctl stop wine-tracker"),
        on_page(
            "sudo wine-run tracker.restore s3://my-bucket/backups/tracker-….dump --replace",
            where={"backups/tracker-….dump": dump},
        ),
        on_page("sudo systemctl start wine-tracker"),
    ):
        host.sh(command, timeout=300)
    wait_until_healthy(host)
    logger.info("a new host went on %.0f s after the disk was lost", time.monotonic() - began)
    assert of_tracker(host) == before
    assert versions(host) == [MLFLOW, PREFECT]
    assert opened(secrets(host)) == ["200"] * 4
    done = host.sh("wine-run deployments.doctor", check=False)
    assert done.returncode == 0, done.stdout
