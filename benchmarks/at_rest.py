"""What a local stack that nobody uses takes: processor, memory, disk."""

from __future__ import annotations

import subprocess
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from deployments.local.stack.processes import of_stack

SETTLE_SECONDS: Final = 60
"""After `make up` the last flow run ends, and servers write what they have put off."""

SECONDS: Final = 120
SERVICES: Final = {
    "-D": "postgres",
    "deployments.rescue": "rescuer",
    "serving": "serving",
    "mlflow": "mlflow",  # before the worker: its command line has --workers
    "worker": "worker",
    "prefect": "prefect",
    "supervisord": "supervisor",
}
"""A word of the command line, and the service."""


@dataclass(frozen=True, slots=True)
class Use:
    """Per cent of a core, and megabytes of memory of which shared pages are counted in part (PSS)."""

    cpu: float
    memory: float


@dataclass(frozen=True, slots=True)
class Rest:
    """What each service takes, and the megabytes of the environment without and with compiled files."""

    services: dict[str, Use]
    environment: int
    with_compiled: int

    @property
    def cpu(self) -> float:
        return sum(use.cpu for use in self.services.values())

    @property
    def memory(self) -> float:
        return sum(use.memory for use in self.services.values())


def measure(project: Path) -> Rest:
    """Of the stack of this checkout, over SECONDS in which nothing is asked of it."""
    time.sleep(SETTLE_SECONDS)
    processes = of_stack(project / ".local")
    before = {process.pid: _seconds(process) for process in processes}
    time.sleep(SECONDS)
    services: dict[str, list[Use]] = defaultdict(list)
    for process in processes:
        if process.is_running():
            cpu = 100 * (_seconds(process) - before[process.pid]) / SECONDS
            services[_service(process)].append(Use(cpu, process.memory_full_info().pss / 1e6))
    total = {
        name: Use(sum(use.cpu for use in uses), sum(use.memory for use in uses))
        for name, uses in sorted(services.items())
    }
    return Rest(total, _megabytes(project, "--exclude=__pycache__"), _megabytes(project))


def _seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _service(process: psutil.Process) -> str:
    """Of the process or the nearest of its parents that says so."""
    for each in (process, *process.parents()):
        words = each.cmdline()
        names = [SERVICES[word] for word in words if word in SERVICES]
        names += [service for word, service in SERVICES.items() if any(word in Path(w).name for w in words)]
        if names:
            return names[0]
    return "other"


def _megabytes(project: Path, *options: str) -> int:
    said = subprocess.run(
        ["du", "-sm", *options, project / ".venv"], capture_output=True, text=True, check=True
    ).stdout
    return int(said.split()[0])
