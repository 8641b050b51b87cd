"""`make status` and `make logs`: what runs, where, and what it said."""

from __future__ import annotations

from typing import Final, TextIO

import httpx

from deployments.local.errors import StackError
from deployments.local.settings import StackSettings
from deployments.local.stack.services import Service, all_services
from deployments.local.stack.supervisor import ServiceState, Supervisor, log_file

ROW: Final = "{:<10} {:<9} {:>8}  {:<8} {}\n"
STOPPED: Final = ServiceState(state="STOPPED", pid=None, description="")


def status(settings: StackSettings, out: TextIO) -> bool:
    """Write a table of the services; True when all run and are healthy."""
    states = Supervisor(settings).states()
    out.write(ROW.format("SERVICE", "STATE", "PID", "HEALTH", "URL"))
    well = True
    for service in all_services(settings):
        state = states.get(service.name, STOPPED)
        found = health(service, state)
        well = well and state.state == "RUNNING" and found != "failing"
        out.write(ROW.format(service.name, state.state.lower(), state.pid or "-", found, service.url or "-"))
    return well


def logs(settings: StackSettings, out: TextIO, *, service: str | None, lines: int) -> None:
    """Write the last lines of one service's log, or of every log. Raises StackError for an unknown one."""
    known = sorted(path.stem for path in settings.logs.glob("*.log"))
    if service is not None and service not in known:
        raise StackError(
            f"There is no log of {service!r}. "
            + (f"There are logs of: {', '.join(known)}." if known else "Nothing was started: run make up.")
        )
    for name in [service] if service else known:
        text = log_file(settings, name).read_text(errors="replace")
        out.write(f"==> {log_file(settings, name)} <==\n")
        out.writelines(f"{line}\n" for line in text.splitlines()[-lines:])


def health(service: Service, state: ServiceState) -> str:
    """Whether a service answers: "ok" or "failing"; "-" where there is nothing to ask."""
    if state.pid is None or service.health is None:
        return "-"
    try:
        answer = httpx.get(service.health, timeout=5, trust_env=False)
    except httpx.HTTPError:
        return "failing"
    return "ok" if answer.is_success else "failing"
