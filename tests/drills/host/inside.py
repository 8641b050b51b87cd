"""What the drills look at inside the host."""

from __future__ import annotations

import time

from tests.drills.host.machine import Machine
from tests.pace import patience

PACKAGES = "/srv/packages"
"""Python packages that the machine around this one has already."""
INSTALL = f"UV_CACHE_DIR={PACKAGES} UV_LINK_MODE=copy /srv/wine/deployments/ec2/install.sh 2>&1"
QUICK = "--param extras=never"
"""A drill needs a model, not the further fits for its card."""

TRAININGS = (
    "SELECT {} FROM flow_run WHERE deployment_id IN (SELECT id FROM deployment WHERE name = 'wine-train')"
    " ORDER BY created"
)
ALIASES = "SELECT alias || ' ' || version FROM registered_model_aliases ORDER BY alias"


def wait_until_healthy(machine: Machine) -> None:
    """Until both servers answer and the worker runs, as they do by themselves after a boot."""
    for url in ("127.0.0.1:5000/health", "127.0.0.1:4200/api/health"):
        machine.sh(
            f"curl --silent --fail --output /dev/null --retry 120 --retry-delay 1 --retry-all-errors http://{url}",
            timeout=180,
        )
    machine.sh("while systemctl is-active wine-worker | grep -qx activating; do sleep 0.5; done", timeout=180)
    machine.sh("systemctl is-active wine-worker")


def install(machine: Machine, command: str = INSTALL, *, good: bool = True) -> str:
    """Run the install script, which ends well or, unless `good`, does not; what it said."""
    done = machine.sh(command, timeout=1500, check=False)
    assert (done.returncode == 0) is good, done.stdout[-4000:] + log(machine)
    return done.stdout + done.stderr


def psql(machine: Machine, sql: str, database: str = "prefect") -> str:
    """What a database of the host answers."""
    return machine.sh(f'cd / && runuser -u postgres -- psql -d {database} -tAc "{sql}"').stdout.strip()


def aliases(machine: Machine) -> dict[str, str]:
    """Alias → version of the one model, as the tracker's database has them."""
    return dict(line.split() for line in psql(machine, ALIASES, "mlflow").splitlines())


def trainings(machine: Machine, what: str) -> list[str]:
    """A column of the training runs, oldest first."""
    return psql(machine, TRAININGS.format(what)).split()


def start_training(machine: Machine) -> None:
    machine.sh(f"wine-run deployments.run train/wine-train {QUICK} --timeout 0.1 || true")
    wait_for_state(machine, {"RUNNING"}, 120)


def wait_for_state(machine: Machine, wanted: set[str], seconds: float) -> None:
    """Until the newest training run is in one of these states."""
    end = time.monotonic() + patience(seconds)
    while (states := trainings(machine, "state_type"))[-1] not in wanted:
        assert time.monotonic() < end, f"{states} after {seconds} s\n{log(machine)}"
        time.sleep(1)


def secrets(machine: Machine) -> dict[str, str]:
    """The passwords that the script made."""
    lines = machine.sh("cat /etc/wine/secrets.env").stdout.split()
    return dict(line.split("=", 1) for line in lines)


def log(machine: Machine) -> str:
    return machine.sh(
        "journalctl -u wine-worker -u wine-prefect -u wine-tracker --no-pager | tail -60"
    ).stdout
