"""Whether the ports are free, and who has them if not."""

from __future__ import annotations

import socket
from collections.abc import Mapping

import psutil

from deployments.local.errors import StackError
from deployments.local.settings import HOST


def require_free(ports: Mapping[str, int]) -> None:
    """Raise StackError for the first port in `ports` (variable name → number) that is in use."""
    for name, port in ports.items():
        if is_free(port):
            continue
        holder = _holder(port)
        raise StackError(
            f"Port {port} is in use{f' by {holder}' if holder else ''}, so the stack cannot start. "
            f"Stop that program, or choose another port: make up {name}={_next_free(port)}"
        )


def is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _next_free(port: int) -> int:
    return next(candidate for candidate in range(port + 1, port + 1_000) if is_free(candidate))


def _holder(port: int) -> str | None:
    """Name and pid of the listener; None where the system does not tell."""
    try:
        connections = psutil.net_connections(kind="tcp")
    except psutil.Error:
        return None
    for connection in connections:
        listens = connection.status == psutil.CONN_LISTEN and tuple(connection.laddr)[1:2] == (port,)
        if listens and connection.pid:
            try:
                return f"{psutil.Process(connection.pid).name()} (pid {connection.pid})"
            except psutil.Error:
                return f"pid {connection.pid}"
    return None
