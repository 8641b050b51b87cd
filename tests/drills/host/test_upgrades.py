"""The second year: a release on an older MLflow and Prefect, this one and back, nothing lost; alarms."""

from __future__ import annotations

import time

import pytest

from tests.drills.host.conftest import PROJECT
from tests.drills.host.counted import counts, versions
from tests.drills.host.inside import INSTALL, install, secrets, wait_until_healthy
from tests.drills.host.machine import Machine, copy_tree
from tests.drills.host.older import MLFLOW, OLDER_MLFLOW, OLDER_PREFECT, PREFECT, write_older_release
from tests.drills.host.outside import Outside
from tests.drills.host.outsider import ask, read
from tests.pace import patience

pytestmark = [pytest.mark.drill, pytest.mark.timeout(2400)]

INSTALL_OLDER = INSTALL.replace("/srv/wine/", "/srv/older/")
FILES = (
    "cd / && sha256sum etc/wine/*.env etc/caddy/Caddyfile etc/systemd/system/wine-*.service"
    " etc/systemd/system/wine-*.timer etc/systemd/system/*.d/wine.conf"
    " usr/local/sbin/wine-run etc/nftables.conf"
)


@pytest.fixture(scope="module")
def host(machine: Machine, tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """The machine with this release on it, and the tree of an older one in /srv/older."""
    copy_tree(PROJECT, machine.root / "srv/wine")
    machine.sh(INSTALL, timeout=900)
    write_older_release(machine.root / "srv/older", tmp_path_factory.mktemp("older"))
    return machine


def a_run_of_somebody(host: Machine) -> None:
    """A flow run and an MLflow run that only this release has seen."""
    host.sh("wine-run deployments.run watch/wine-watch", timeout=300, check=False)
    host.sh(
        "systemctl restart wine-worker", timeout=300
    )  # what it logs of a run leaves it in batches, or at its end
    word = secrets(host)["TRACKER_FLOWS_PASSWORD"]
    host.sh(
        f"curl --fail --silent --user wine-flows:{word} -H 'Content-Type: application/json'"
        ' -d \'{"experiment_id": "0"}\' http://127.0.0.1:5000/api/2.0/mlflow/runs/create'
    )


def test_back_to_an_older_mlflow_and_prefect_and_forward_again(host: Machine) -> None:
    before = counts(host)
    said = install(host, INSTALL_OLDER)
    assert "taking the databases back" in said
    assert counts(host) == before
    assert versions(host) == [OLDER_MLFLOW, OLDER_PREFECT]
    a_run_of_somebody(host)
    older = counts(host)
    assert older != before
    install(host, INSTALL)
    assert counts(host) == older
    assert versions(host) == [MLFLOW, PREFECT]
    wait_until_healthy(host)
    assert host.sh("wine-run deployments.doctor").returncode == 0
    assert ask("prefect", "/api/health", "-u", f"prefect:{secrets(host)['PREFECT_PASSWORD']}") == "200"


def test_upgrade_that_fails_after_the_migration_gives_back_databases_files_and_release(host: Machine) -> None:
    install(host, INSTALL_OLDER)
    a_run_of_somebody(host)
    before, files = counts(host), host.sh(FILES).stdout
    release = host.sh("readlink /opt/wine/current").stdout
    host.sh("sed -i 's/512M/600M/' /srv/wine/deployments/ec2/files/wine-tracker.service")
    host.sh("sed -i 's/max-age=31536000/max-age=1/' /srv/wine/deployments/ec2/files/Caddyfile")
    host.sh("echo 'raise SystemExit(1)' > /srv/wine/deployments/ec2/drain.py")  # no worker starts any more
    said = install(host, INSTALL, good=False)
    assert "runs again, with its settings and databases" in said
    assert host.sh("readlink /opt/wine/current").stdout == release
    assert host.sh(FILES).stdout == files
    assert "max-age=31536000" in read("mlflow", "/version", "--include")  # what is in the file is in force
    assert counts(host) == before
    wait_until_healthy(host)
    copy_tree(PROJECT, host.root / "srv/wine")
    install(host, INSTALL)
    assert counts(host) == before
    kept = set(host.sh("ls /opt/wine/releases").stdout.split())
    current = host.sh("readlink /opt/wine/current").stdout
    assert kept == {line.strip().rpartition("/")[2] for line in (release, current)}  # not the one that failed


def test_power_that_fails_in_mid_upgrade(host: Machine) -> None:
    """The next run goes on from there; what was kept is what was before the first."""
    install(host, INSTALL_OLDER)
    before = counts(host)
    host.sh(f"nohup sh -c '{INSTALL}' > /srv/cut.log 2>&1 &")
    end = time.monotonic() + patience(300)
    while not (host.root / "opt/wine/upgrade/prefect.dump").exists():
        assert time.monotonic() < end, (host.root / "srv/cut.log").read_text()
        time.sleep(0.05)
    host.power_off()
    host.boot()
    said = install(host, INSTALL)
    assert "goes on from there" in said
    wait_until_healthy(host)
    assert counts(host) == before
    assert host.sh("wine-run deployments.doctor").returncode == 0


def test_service_reads_models_and_flows_reach_nothing_of_the_administrator(host: Machine) -> None:
    words = secrets(host)
    service = ("-u", f"wine-service:{words['TRACKER_SERVICE_PASSWORD']}")
    model = "name=WinePriceRegressorPipeline&alias=production"
    assert ask("mlflow", f"/api/2.0/mlflow/registered-models/alias?{model}", *service) == "200"
    for path in ("experiments/search?max_results=1", "users/list", "runs/get?run_id=x"):
        assert ask("mlflow", f"/api/2.0/mlflow/{path}", *service) == "403", path
    as_flows = "runuser -u wine-flows -- sh -c"
    pid = host.sh("systemctl show --property MainPID --value wine-tracker").stdout.strip()
    for command in (
        f"cat /proc/{pid}/environ", "cat /etc/wine/secrets.env", "cat /etc/wine/tracker.env",
        "psql -d mlflow -c 'SELECT 1'", "cat /var/lib/wine/tracker/basic_auth.ini",
        "cat /var/backups/wine/*.dump",
    ):  # fmt: skip
        assert host.sh(f'cd / && {as_flows} "{command}"', check=False).returncode != 0, command
    assert words["MLFLOW_AUTH_ADMIN_PASSWORD"] not in host.sh("cat /etc/wine/worker.env").stdout


def test_failed_backup_is_told_and_a_good_one_pings(host: Machine, surroundings: Outside) -> None:
    surroundings.pings.clear()
    host.sh("systemctl start wine-backup.service")
    assert surroundings.pings == ["/backup"]
    assert any(key.startswith("backups/tracker-") for key in surroundings.names())
    surroundings.told.clear()
    override = "/run/systemd/system/wine-backup.service.d/now.conf"
    host.sh(f"mkdir -p $(dirname {override}); printf '[Service]\\nEnvironment=BACKUP_URI=\\n"
            f"ExecStart=\\nExecStart=/bin/false\\n' > {override}; systemctl daemon-reload")  # fmt: skip
    host.sh("systemctl start wine-backup.service", check=False)
    end = time.monotonic() + patience(60)
    while not any("wine-backup.service failed" in text for text in surroundings.told):
        assert time.monotonic() < end, surroundings.told
        time.sleep(0.5)
    host.sh(f"rm {override}; systemctl daemon-reload; systemctl reset-failed wine-backup")


def test_old_backup_is_what_the_doctor_tells_the_team(host: Machine, surroundings: Outside) -> None:
    folder = host.root / "var/backups/wine"
    kept = {path: path.name for path in folder.glob("tracker-*.dump")}
    for path in kept:
        path.rename(folder / f"aside-{path.name}")
    (folder / "tracker-20260101T000000Z.dump").write_bytes(b"")
    surroundings.told.clear()
    host.sh("systemctl start wine-doctor.service", check=False)
    assert any("last backup" in text for text in surroundings.told), surroundings.told
    (folder / "tracker-20260101T000000Z.dump").unlink()
    for path in kept:
        (folder / f"aside-{path.name}").rename(path)


def test_bounds_are_in_force(host: Machine) -> None:
    shown = host.sh("systemctl show wine-worker -p MemoryMax -p OOMPolicy -p User").stdout
    assert "MemoryMax=infinity" not in shown
    assert "OOMPolicy=continue" in shown
    assert "User=wine-flows" in shown
    assert "flow runs at a time: 2" in host.sh("journalctl -u wine-worker --output cat").stdout
    assert (
        host.sh("systemctl is-enabled apt-daily-upgrade.timer wine-doctor.timer").stdout.split()
        == ["enabled"] * 2
    )
    plan = host.sh(
        "unattended-upgrade --dry-run --debug 2>&1 | grep -i 'allowed origins'", timeout=300
    ).stdout
    assert "Debian-Security" in plan
