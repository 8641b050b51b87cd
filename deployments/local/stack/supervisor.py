"""The stack's supervisor (supervisord): starts services, restarts those that crash, ends them all."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast
from xmlrpc.client import Fault, ServerProxy

from supervisor.xmlrpc import Faults, SupervisorTransport

from deployments.local.errors import StackError
from deployments.local.settings import HOST, PROJECT, StackSettings
from deployments.local.stack.processes import STACK_MARKER
from deployments.local.stack.services import Service, inherited_environment, program
from deployments.local.stack.state_folder import make_sockets

START_SECONDS: Final = 10.0
STOP_SECONDS: Final = 45.0
LOG_MEGABYTES: Final = 10
RESTARTS: Final = 8
"""How often a service that ends within its first seconds is tried again, each time after a longer wait."""

_PROGRAM = """\
[program:{name}]
command={command}
directory={directory}
environment={environment}
autostart=false
autorestart=true
startsecs=3
startretries={restarts}
stopsignal={stop_signal}
stopwaitsecs={stop_seconds}
stopasgroup=true
killasgroup=true
redirect_stderr=true
stdout_logfile={log}
stdout_logfile_maxbytes={megabytes}MB
stdout_logfile_backups=1
"""

_DAEMON = """\
[supervisord]
logfile={state}/logs/supervisor.log
logfile_maxbytes={megabytes}MB
logfile_backups=1
pidfile={state}/supervisor.pid
childlogdir={state}/logs
{user}

[unix_http_server]
file={socket}
chmod=0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

"""


@dataclass(frozen=True, slots=True)
class ServiceState:
    """What the supervisor knows of a service: `state` in its words (RUNNING, BACKOFF, FATAL, STOPPED …)."""

    state: str
    pid: int | None
    description: str


class Supervisor:
    """Handle on the supervisor of one stack. Nothing runs until `start`."""

    def __init__(self, settings: StackSettings) -> None:
        self._settings = settings
        self._config = settings.state / "supervisord.conf"

    @property
    def _socket(self) -> Path:
        return self._settings.sockets / "supervisor.sock"

    def start(self, services: Sequence[Service]) -> None:
        """Run the supervisor with these services known, none started; take over changes if it runs."""
        self._settings.logs.mkdir(parents=True, exist_ok=True)
        make_sockets(self._settings.state)
        self._config.write_text(_config(self._settings, self._socket, services))
        if self.is_running():
            self._reload()
            return
        out = self._settings.logs / "supervisor.out"
        with out.open("wb") as file:
            subprocess.run(
                [program("supervisord"), "--configuration", str(self._config)],
                cwd=PROJECT,
                env=inherited_environment() | {STACK_MARKER: str(self._settings.state)},
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                check=False,
            )
        self._await_start(out)

    def start_service(self, name: str) -> None:
        """Start the service unless it runs already."""
        try:
            self._call("startProcess", name, False)
        except Fault as fault:
            if fault.faultCode != Faults.ALREADY_STARTED:
                raise

    def states(self) -> dict[str, ServiceState]:
        """By service name; empty when the supervisor does not run."""
        if not self.is_running():
            return {}
        infos = cast("list[dict[str, Any]]", self._call("getAllProcessInfo"))
        return {
            info["name"]: ServiceState(info["statename"], info["pid"] or None, info["description"])
            for info in infos
        }

    def is_running(self) -> bool:
        try:
            self._call("getPID")
        except (OSError, Fault):
            return False
        return True

    def stop(self) -> None:
        """End all services in good order, then the supervisor; returns when it is gone or time is up."""
        if not self.is_running():
            return
        self._call("shutdown")
        deadline = time.monotonic() + STOP_SECONDS
        while self.is_running() and time.monotonic() < deadline:
            time.sleep(0.1)

    def _reload(self) -> None:
        """Let the running supervisor adopt the written configuration: changed services are replaced."""
        ((added, changed, removed),) = cast("list[tuple[list[str], ...]]", self._call("reloadConfig"))
        for name in (*changed, *removed):
            self._call("stopProcessGroup", name)
            self._call("removeProcessGroup", name)
        for name in (*added, *changed):
            self._call("addProcessGroup", name)

    def _await_start(self, out: Path) -> None:
        """Supervisord goes to the background at once; it works when its socket answers."""
        deadline = time.monotonic() + START_SECONDS
        while not self.is_running():
            if time.monotonic() > deadline:
                raise StackError(
                    f"The supervisor of the stack did not start: {_last_line(out)} "
                    f"Its log is {log_file(self._settings, 'supervisor')}. Run make down, then make up again."
                )
            time.sleep(0.05)

    def _call(self, method: str, *arguments: object) -> object:
        transport = SupervisorTransport(None, None, f"unix://{self._socket}")
        proxy = ServerProxy(f"http://{HOST}", transport=transport)  # a URL for form: the socket is used
        try:
            return getattr(proxy.supervisor, method)(*arguments)
        finally:
            transport.close()


def _config(settings: StackSettings, socket: Path, services: Sequence[Service]) -> str:
    daemon = _DAEMON.format(
        state=_escape(str(settings.state)),
        socket=_escape(str(socket)),
        megabytes=LOG_MEGABYTES,
        user="user=root" if os.geteuid() == 0 else "",  # root has to be named, and nobody else
    )
    return daemon + "\n".join(_program(settings, service) for service in services)


def _program(settings: StackSettings, service: Service) -> str:
    return _PROGRAM.format(
        name=service.name,
        command=_escape(service.command),
        directory=_escape(str(PROJECT)),
        environment=_environment(service.environment),
        restarts=RESTARTS,
        stop_signal=service.stop_signal,
        stop_seconds=service.stop_seconds,
        log=_escape(str(log_file(settings, service.name))),
        megabytes=LOG_MEGABYTES,
    )


def log_file(settings: StackSettings, name: str) -> Path:
    return settings.logs / f"{name}.log"


def _environment(variables: Mapping[str, str]) -> str:
    """KEY="value" pairs. supervisord knows no way to write a double quote inside."""
    for name, value in variables.items():
        if '"' in value:
            raise StackError(
                f"{name} would hold a double quote: {value}. Use a folder without one in its path."
            )
    return ",".join(f'{name}="{_escape(value)}"' for name, value in variables.items())


def _escape(text: str) -> str:
    """Supervisord expands % in its configuration."""
    return text.replace("%", "%%")


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines() if log.exists() else []
    return lines[-1] if lines else "it said nothing."
