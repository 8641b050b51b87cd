"""Which processes belong to a stack, and ending them. Strangers are never touched.

Every process that the stack starts carries STACK_MARKER in its environment, with the state folder as
value, and hands it down to its children. PostgreSQL overwrites its environment with its title, so it
is known by its command line or by its parent.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import psutil

STACK_MARKER: Final = "WINE_STACK_STATE"
FLOW_RUN_VARIABLE: Final = "PREFECT__FLOW_RUN_ID"
TERM_SECONDS: Final = 10.0
KILL_SECONDS: Final = 5.0


def of_stack(state: Path) -> list[psutil.Process]:
    """All living processes of the stack with this state folder."""
    marked = [process for process in psutil.process_iter() if _belongs(process, state)]
    found = {process.pid: process for process in marked}
    for process in marked:
        found |= {child.pid: child for child in _children(process)}
    return list(found.values())


def flow_runs(state: Path) -> dict[str, list[psutil.Process]]:
    """The living processes of the stack that execute a flow run, by its id."""
    found: dict[str, list[psutil.Process]] = {}
    for process in of_stack(state):
        run_id = _environment(process).get(FLOW_RUN_VARIABLE)
        if run_id is not None:
            found.setdefault(run_id, []).append(process)
    return found


def end_all(state: Path) -> int:
    """End every process of the stack, politely, then not; the number that had to be ended.

    psutil compares a process's start time before it signals, so a recycled pid is safe.
    """
    processes = of_stack(state)
    _end(processes, TERM_SECONDS, kill=False)
    _end(of_stack(state), KILL_SECONDS, kill=True)
    return len(processes)


def _end(processes: Iterable[psutil.Process], seconds: float, *, kill: bool) -> None:
    waited = list(processes)
    for process in waited:
        try:
            process.kill() if kill else process.terminate()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(waited, timeout=seconds)


def _belongs(process: psutil.Process, state: Path) -> bool:
    if _environment(process).get(STACK_MARKER) == str(state):
        return True
    try:
        return process.name() == "postgres" and str(state / "postgres" / "data") in process.cmdline()
    except psutil.Error:
        return False


def _environment(process: psutil.Process) -> dict[str, str]:
    try:
        return process.environ()
    except (psutil.Error, OSError):
        return {}


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.Error:
        return []
