"""What docs/operations.md says is done on the host, word for word, over SSH or in its shell."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.drills.host.conftest import PROJECT
from tests.drills.host.inside import (
    INSTALL,
    QUICK,
    aliases,
    log,
    psql,
    secrets,
    trainings,
    wait_until_healthy,
)
from tests.drills.host.machine import HOST_IP, Done, Machine, copy_tree, run
from tests.drills.host.outsider import ask
from tests.integration.host.operations import on_page
from tests.integration.workflows.test_remote import keygen
from tests.pace import patience

pytestmark = [pytest.mark.drill, pytest.mark.timeout(1500)]


@pytest.fixture(scope="module")
def host(machine: Machine) -> Machine:
    """The machine with a whole release on it, installed and healthy, and a user that may use sudo."""
    copy_tree(PROJECT, machine.root / "srv/wine")
    machine.sh(INSTALL, timeout=900)
    machine.sh(
        "id admin 2>/dev/null || useradd --create-home --shell /bin/bash admin;"
        " echo 'admin ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/admin;"
        " install -d -o admin -g admin -m 700 ~admin/.ssh"
    )
    return machine


@pytest.fixture
def laptop(host: Machine, tmp_path: Path) -> dict[str, str]:
    """The environment of somebody whose key the host knows, with the host's key as the page gets it."""
    authorize(host, keygen(tmp_path / "key"))
    scan = on_page("ssh-keyscan -t ed25519 HOST", where={"HOST": HOST_IP})
    return {
        **{name: value for name, value in os.environ.items() if name.startswith("GIT_CONFIG_")},
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(tmp_path),
        "EC2_HOST": HOST_IP,
        "EC2_HOST_KEY": run("sh", "-c", scan).stdout.strip(),
        "EC2_SSH_PRIVATE_KEY": (tmp_path / "key").read_text(),
    }


def authorize(host: Machine, *keys: str) -> None:
    """Admit these keys and no others."""
    path = host.root / "home/admin/.ssh/authorized_keys"
    path.write_text("".join(f"{key}\n" for key in keys))


def from_laptop(command: str, env: dict[str, str], **options: bool) -> Done:
    done = subprocess.run(["sh", "-c", command], cwd=PROJECT, env=env, capture_output=True, text=True,
                          check=False, timeout=patience(900))  # fmt: skip
    assert done.returncode == 0 or not options.get("check", True), done.stdout + done.stderr
    return done


def on_host(host: Machine, command: str, **options: object) -> Done:
    """A command of the page in a checkout on the host."""
    return host.sh(f"cd /srv/wine && {command}", timeout=900, **options)  # type: ignore[arg-type]


def test_all_is_well(host: Machine) -> None:
    assert "Nothing is wrong." in on_host(host, on_page("sudo wine-run deployments.doctor")).stdout


def test_logs_are_there(host: Machine) -> None:
    assert "Worker" in on_host(host, on_page("journalctl -u wine-worker --since today")).stdout
    assert "systemd" in on_host(host, on_page("journalctl -u wine-worker")).stdout


def test_model_is_trained_and_judged(host: Machine) -> None:
    command = on_page("sudo wine-run deployments.run train/wine-train --then promote/wine-promote")
    done = on_host(host, f"{command} {QUICK}", check=False)
    assert "train/wine-train: " in done.stdout, done.stderr + log(host)
    assert trainings(host, "state_type")[-1] == "COMPLETED"
    promoted = done.stdout.splitlines()[-1]
    assert promoted.startswith("promote/wine-promote: ")
    assert done.returncode == (0 if "Completed" in promoted else 1), promoted


def test_drift_is_looked_for(host: Machine) -> None:
    done = on_host(host, on_page("sudo wine-run deployments.run drift/wine-drift"), check=False)
    assert done.stdout.splitlines()[-1].startswith("drift/wine-drift: "), done.stdout + done.stderr


def test_production_goes_back_and_says_why(host: Machine) -> None:
    before = aliases(host)
    command = on_page('sudo wine-run deployments.run rollback/wine-rollback --param reason="prices too high"')
    done = on_host(host, command)
    assert aliases(host)["production"] == before["previous"], done.stdout


def test_pool_is_closed_and_opened(host: Machine) -> None:
    on_host(host, on_page("sudo wine-run deployments.ec2.drain pause --deadline 900"))
    assert psql(host, "SELECT is_paused FROM work_pool WHERE name = 'ec2-host'") == "t"
    on_host(host, on_page("sudo wine-run deployments.ec2.drain resume"))
    assert psql(host, "SELECT is_paused FROM work_pool WHERE name = 'ec2-host'") == "f"


def test_upgrade_and_way_back_over_ssh(host: Machine, laptop: dict[str, str]) -> None:
    first = from_laptop(on_page("deployments/ec2/remote.sh install"), laptop)
    assert "https://prefect.wine.test" in first.stdout
    commit = run("git", "-C", PROJECT, "rev-parse", "HEAD").stdout.strip()
    again = from_laptop(on_page("deployments/ec2/remote.sh install COMMIT", where={"COMMIT": commit}), laptop)
    assert "done: 0 changes" in again.stdout


def test_passwords_are_rotated(host: Machine) -> None:
    before = secrets(host)
    for name in ("MLFLOW_AUTH_ADMIN_PASSWORD", "PREFECT_PASSWORD", "TRACKER_FLOWS_PASSWORD",
                 "TRACKER_SERVICE_PASSWORD"):  # fmt: skip
        host.sh(f"sed -i 's/^{name}=.*/{name}='$(openssl rand -hex 24)/ /etc/wine/secrets.env")
    on_host(host, on_page("sudo deployments/ec2/install.sh"))
    wait_until_healthy(host)
    for name, each in (("old", before), ("new", secrets(host))):
        expected = "401" if name == "old" else "200"
        assert ask("prefect", "/api/health", "-u", f"prefect:{each['PREFECT_PASSWORD']}") == expected, name
        admin = f"admin:{each['MLFLOW_AUTH_ADMIN_PASSWORD']}"
        assert ask("mlflow", "/api/2.0/mlflow/experiments/search?max_results=1", "-u", admin) == expected, (
            name
        )
    assert host.sh("wine-run deployments.doctor").returncode == 0


def test_account_is_made(host: Machine) -> None:
    made = on_host(host, on_page("sudo wine-run tracker.account shop-reader --may read"))
    account = ("-u", f"shop-reader:{made.stdout.splitlines()[-1]}")
    assert ask("mlflow", "/api/2.0/mlflow/users/list", *account) == "403"
    assert ask("mlflow", "/version", *account) == "200"


def test_backup_service_says_why_and_is_started(host: Machine) -> None:
    on_host(host, on_page("sudo systemctl start wine-backup"))
    assert ".dump" in on_host(host, on_page("journalctl -u wine-backup")).stdout


def test_ssh_key_is_rotated(host: Machine, laptop: dict[str, str], tmp_path: Path) -> None:
    new = keygen(tmp_path / "new")
    authorize(host, new)
    ours = laptop | {"EC2_SSH_PRIVATE_KEY": (tmp_path / "new").read_text()}
    command = f"deployments/ec2/remote.sh run {tmp_path / 'reports'} watch/wine-watch"
    assert "watch/wine-watch" in from_laptop(command, ours).stdout
    refused = from_laptop(command, laptop, check=False)
    assert refused.returncode != 0
    assert "Permission denied (publickey)" in refused.stderr


def test_lost_database_comes_back_from_the_folder_and_from_the_bucket(host: Machine) -> None:
    on_host(host, on_page("sudo wine-run tracker.backup /var/backups/wine"))
    dump = host.sh("ls -t /var/backups/wine/*.dump | head -1").stdout.strip().rpartition("/")[2]
    before = state(host)
    assert "production" in before[0]
    for command in (
        on_page(
            "sudo wine-run tracker.restore /var/backups/wine/tracker-20261122T031700Z.dump --replace",
            where={"tracker-20261122T031700Z.dump": dump},
        ),
        on_page(
            "sudo wine-run tracker.restore s3://my-bucket/backups/tracker-….dump --replace",
            where={"tracker-….dump": dump},
        ),
    ):
        host.sh("systemctl kill --signal KILL wine-tracker")
        on_host(host, on_page("sudo systemctl stop wine-tracker"))
        psql(host, "DROP OWNED BY wine", "mlflow")
        on_host(host, command)
        on_host(host, on_page("sudo systemctl start wine-tracker"))
        wait_until_healthy(host)
        assert state(host) == before
        assert host.sh("wine-run deployments.doctor").returncode == 0


def state(host: Machine) -> tuple[dict[str, str], str, str]:
    """Aliases, versions with what they came from, and the artefacts' names and sizes."""
    versions = psql(host, "SELECT version, run_id, current_stage, storage_location FROM model_versions"
                          " ORDER BY version", "mlflow")  # fmt: skip
    files = host.sh("find /var/lib/wine/artifacts -type f -printf '%P %s\\n' | sort").stdout
    return aliases(host), versions, files
