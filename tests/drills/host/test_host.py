"""From a bare Debian to a host that trains, and what it lives through. The drills follow each other."""

from __future__ import annotations

import json
import logging
import shutil
import time
from pathlib import Path

import pytest

from tests.drills.host.conftest import PROJECT
from tests.drills.host.inside import (
    INSTALL,
    QUICK,
    log,
    psql,
    secrets,
    start_training,
    trainings,
    wait_until_healthy,
)
from tests.drills.host.machine import Machine, copy_tree
from tests.drills.host.outsider import ask, open_ports, open_ports_by_link, read, seconds, ways_in_by_ssh
from tests.integration.host.operations import on_page
from tests.pace import patience

pytestmark = [pytest.mark.drill, pytest.mark.timeout(1500)]

PATHS = (
    "/", "/api/health", "/api/flow_runs/filter", "/api/admin/version", "/health", "/version", "/docs",
    "/ui-settings", "/api/2.0/mlflow/experiments/search?max_results=1", "/api/2.0/mlflow-artifacts/artifacts",
)  # fmt: skip

WEBSOCKET = (
    "-H", "Connection: Upgrade", "-H", "Upgrade: websocket", "-H", "Sec-WebSocket-Version: 13",
    "-H", "Sec-WebSocket-Key: d2luZSB3aW5lIHdpbmUgIQ==",
)  # fmt: skip
QUESTIONS = {
    # what the pages "Dashboard", "Runs" and "Event feed" ask
    "/": "",
    "/api/flow_runs/filter": '{"sort": "START_TIME_DESC", "limit": 50}',
    "/api/flow_runs/count": "{}",
    "/api/ui/flow_runs/count-task-runs": '{"flow_run_ids": []}',
    "/api/flow_runs/history": json.dumps(
        {
            "history_start": "2026-01-01T00:00:00Z",
            "history_end": "2026-12-31T00:00:00Z",
            "history_interval_seconds": 86400,
        }
    ),
    "/api/logs/filter": '{"limit": 200}',
    "/api/events/filter": '{"limit": 50}',
    "/api/deployments/filter": "{}",
}


def test_01_bare_debian_becomes_a_host(machine: Machine) -> None:
    done = machine.sh(INSTALL, timeout=900, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + log(machine)
    assert "changes. https://prefect.wine.test" in done.stdout


def test_02_second_run_changes_nothing(machine: Machine) -> None:
    done = machine.sh(INSTALL, timeout=300)
    assert "done: 0 changes" in done.stdout
    assert "changed:" not in done.stdout


def test_03_outsider_reaches_two_ports(machine: Machine) -> None:
    assert open_ports() == {22, 443}
    link_local = (
        machine.sh("ip -6 -oneline address show host0 scope link").stdout.split()[3].partition("/")[0]
    )
    assert open_ports_by_link(link_local) == {22, 443}
    assert ways_in_by_ssh() == "publickey"


def test_03b_outsider_reads_nothing_and_starts_nothing(machine: Machine) -> None:
    wait_until_healthy(machine)  # a server that is still starting refuses for another reason
    post = ("-X", "POST", "-d", "{}", "-H", "Content-Type: application/json")
    for host in ("prefect", "mlflow"):
        for path in PATHS:
            assert ask(host, path) == "401", f"{host}{path}"
            assert ask(host, path, *post) == "401", f"{host}{path}"
    assert ask("prefect", "/api/health", "-u", "prefect:wrong") == "401"
    assert (
        ask("mlflow", "/api/2.0/mlflow/experiments/search?max_results=1", "-u", "admin:password1234") == "401"
    )
    assert ask("prefect", "/api/events/in", *WEBSOCKET) == "401"
    before = psql(machine, "SELECT count(*) FROM flow_run WHERE NOT auto_scheduled")
    for deployment in psql(machine, "SELECT id FROM deployment").split():
        assert ask("prefect", f"/api/deployments/{deployment}/create_flow_run", *post) == "401"
    assert psql(machine, "SELECT count(*) FROM flow_run WHERE NOT auto_scheduled") == before


def test_03c_another_name_shows_nothing(machine: Machine) -> None:
    """The proxy passes on what is asked of its two names, not of those that servers behind it trust."""
    for name in ("127.0.0.1:4200", "localhost:5000", "evil.example"):
        for path in ("/", "/api/health", "/version"):
            assert read("prefect", path, "-H", f"Host: {name}") == ""


def test_04_colleague_with_the_password_gets_in(machine: Machine) -> None:
    assert ask("prefect", "/api/health", "-u", f"prefect:{secrets(machine)['PREFECT_PASSWORD']}") == "200"
    admin = f"admin:{secrets(machine)['MLFLOW_AUTH_ADMIN_PASSWORD']}"
    assert ask("mlflow", "/api/2.0/mlflow/experiments/search?max_results=1", "-u", admin) == "200"


def test_05_worker_trains_and_promotes(machine: Machine) -> None:
    command = (
        f"wine-run deployments.run train/wine-train {QUICK} --then promote/wine-promote --reports /tmp/r"
    )
    done = machine.sh(f"{command} --timeout {patience(400):.0f}", timeout=800, check=False)
    assert done.returncode == 0, done.stdout + done.stderr + log(machine)
    assert machine.sh("grep -c 'failures=\"0\"' /tmp/r/outcome.xml").stdout.strip() == "1"


def test_06_doctor_finds_nothing_wrong(machine: Machine) -> None:
    done = machine.sh("wine-run deployments.doctor", check=False)
    assert done.returncode == 0, done.stdout
    assert "production model: WinePriceRegressorPipeline version 1" in done.stdout


def test_06b_schedules_fire(machine: Machine) -> None:
    """SQLAlchemy 2.1 breaks Prefect's scheduler without a word in the UI: runs must lie ahead."""
    sql = "SELECT count(*) FROM flow_run WHERE auto_scheduled AND state_type = 'SCHEDULED'"
    end = time.monotonic() + patience(120)
    while psql(machine, sql) == "0":
        assert time.monotonic() < end, log(machine)
        time.sleep(2)


def test_07_nightly_backup_is_written(machine: Machine) -> None:
    before = machine.sh("ls /var/backups/wine").stdout.count(".dump\n")
    assert before >= 1  # the script makes the first
    machine.sh("systemctl start wine-backup.service")
    assert machine.sh("ls /var/backups/wine").stdout.count(".dump\n") == before + 1


def test_08_restart_waits_for_the_run(machine: Machine) -> None:
    start_training(machine)
    machine.sh(on_page("sudo systemctl restart wine-worker"), timeout=400)
    assert trainings(machine, "state_type")[-1] == "COMPLETED"
    assert psql(machine, "SELECT is_paused FROM work_pool") == "f"


def test_09_run_cut_off_by_a_reboot_is_marked_and_done_again(machine: Machine) -> None:
    start_training(machine)
    run_id = trainings(machine, "id")[-1]
    machine.power_off()
    began = time.monotonic()
    machine.boot()
    of_run = f"FROM flow_run_state WHERE flow_run_id = '{run_id}'"
    while "Completed" not in (states := after_boot(machine, f"SELECT name {of_run} ORDER BY timestamp")):
        assert time.monotonic() - began < patience(600), f"{states}\n{log(machine)}"
        time.sleep(2)
    logging.getLogger(__name__).info("done again %.0f s after the power came back", time.monotonic() - began)
    assert {"Crashed", "Zombie"} & set(states[: states.index("Completed")])


def after_boot(machine: Machine, sql: str) -> list[str]:
    try:
        return psql(machine, sql).split("\n")
    except AssertionError:
        return []  # PostgreSQL is still starting


def test_09b_proxy_and_database_that_die_come_back(machine: Machine) -> None:
    for unit in ("caddy", "postgresql@15-main"):
        machine.sh(f"systemctl kill --signal KILL {unit}")
    end = time.monotonic() + patience(120)
    while (done := machine.sh("wine-run deployments.doctor", check=False)).returncode:
        assert time.monotonic() < end, done.stdout
        time.sleep(2)
    assert "certificate of mlflow.wine.test: valid until" in done.stdout


def test_10_upgrade_in_place_keeps_models_and_answers(machine: Machine) -> None:
    machine.sh("echo upgraded >> /srv/wine/README.md")
    done = machine.sh(INSTALL, timeout=600)
    assert "current release is" in done.stdout
    assert "building environment" not in done.stdout  # same lock, same packages
    assert machine.sh("wine-run deployments.doctor").returncode == 0


def test_11_broken_release_gives_way_to_the_one_before(machine: Machine) -> None:
    before = machine.sh("readlink /opt/wine/current").stdout
    machine.sh("echo 'raise SystemExit(1)' > /srv/wine/tracker/__main__.py")
    done = machine.sh(INSTALL, timeout=600, check=False)
    assert done.returncode != 0
    assert "runs again" in done.stderr + done.stdout
    assert machine.sh("readlink /opt/wine/current").stdout == before
    wait_until_healthy(machine)
    assert machine.sh("wine-run deployments.doctor").returncode == 0


def test_11b_release_that_does_not_compile_never_gets_that_far(machine: Machine) -> None:
    before = machine.sh("readlink /opt/wine/current; systemctl show --property MainPID wine-worker").stdout
    machine.sh("echo 'no Python here' > /srv/wine/tracker/__main__.py")
    done = machine.sh(INSTALL, timeout=600, check=False)
    assert done.returncode != 0
    assert "tracker/__main__.py" in done.stdout
    after = machine.sh("readlink /opt/wine/current; systemctl show --property MainPID wine-worker").stdout
    assert after == before
    copy_tree(PROJECT, machine.root / "srv/wine")


def test_12_year_of_runs_and_the_pages_still_answer_within_a_second(machine: Machine) -> None:
    shutil.copy(Path(__file__).with_name("year.sql"), machine.root / "srv/year.sql")
    machine.sh(
        "cd / && runuser -u postgres -- psql -q -d prefect -v runs=10000 -f /srv/year.sql", timeout=900
    )
    assert int(psql(machine, "SELECT count(*) FROM flow_run")) > 10_000
    user = f"prefect:{secrets(machine)['PREFECT_PASSWORD']}"
    for path, body in QUESTIONS.items():
        times = sorted(seconds(path, body, user) for _ in range(5))
        logging.getLogger(__name__).info("%s: median %.2f s, worst %.2f s", path, times[2], times[4])
        assert times[2] < 1, f"{path}: {times}"


def test_13_retention_bounds_the_database(machine: Machine) -> None:
    """The vacuum, turned up to run at once, leaves nothing that is older than the settings allow."""
    override = "/run/systemd/system/wine-prefect.service.d/now.conf"
    machine.sh(
        f"mkdir -p $(dirname {override}); printf '[Service]\\n"
        "Environment=PREFECT_SERVER_SERVICES_DB_VACUUM_LOOP_SECONDS=5\\n"
        "Environment=PREFECT_SERVER_SERVICES_DB_VACUUM_BATCH_SIZE=2000\\n'"
        f" > {override}; systemctl daemon-reload; systemctl restart wine-prefect"
    )
    old = (
        "SELECT (SELECT count(*) FROM flow_run WHERE end_time < now() - interval '91 days')"
        " + (SELECT count(*) FROM events WHERE occurred < now() - interval '8 days')"
    )
    end = time.monotonic() + patience(600)
    while (left := int(psql(machine, old))) > 0:
        assert time.monotonic() < end, f"{left} rows are left\n{log(machine)}"
        time.sleep(5)
    assert int(psql(machine, "SELECT count(*) FROM flow_run")) > 1_000  # a quarter of the year stays
