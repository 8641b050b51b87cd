"""Waiting until something works, with a reason when it does not."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import httpx

from deployments.local.errors import StackError
from deployments.local.settings import StackSettings
from deployments.local.stack.services import Service
from deployments.local.stack.supervisor import Supervisor, log_file
from deployments.waiting import wait_until

START_SECONDS: Final = 120.0
TAIL_BYTES: Final = 20_000
CAUSES: Final = {
    "No space left on device": "The disk is full: free some space",
    "database or disk is full": "The disk is full: free some space",
    "address already in use": "Its port was taken meanwhile: choose another (make help names the variables)",
    "Cannot allocate memory": "The memory is used up: end other programs",
}


def client() -> httpx.Client:
    """For questions to the stack's own servers, asked again and again.

    They speak plain HTTP on this machine, so it trusts no certificate. To load the usual ones takes 40 ms of
    CPU, and `httpx.get` does that for each question.
    """
    return httpx.Client(timeout=5, trust_env=False, verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))


def answers(http: httpx.Client, url: str) -> bool:
    """Whether a GET of `url` gives 200 right now."""
    try:
        return http.get(url).is_success
    except httpx.HTTPError:
        return False


def wait_for_service(
    settings: StackSettings, supervisor: Supervisor, service: Service, *, abandoned: threading.Event
) -> None:
    """Wait until the service's health URL answers.

    Raises StackError with the cause found in its log when the supervisor has given it up or time is up.
    """

    def healthy() -> bool:
        return service.health is not None and answers(http, service.health)

    def healthy_or_given_up() -> bool:
        if healthy():
            return True
        state = supervisor.states().get(service.name)
        return state is not None and state.state == "FATAL"

    with client() as http:
        ended = wait_until(healthy_or_given_up, seconds=START_SECONDS, abandoned=abandoned)
        works = ended and healthy()
    if not works:
        raise _did_not_start(settings, service.name)


def wait_until_all_run(settings: StackSettings, supervisor: Supervisor, services: Iterable[Service]) -> None:
    """Wait until every service counts as running, which it does once it has lived for some seconds.

    Raises StackError with the cause found in its log for one that the supervisor has given up, or that does
    not run when time is up.
    """
    names = [service.name for service in services]

    def settled() -> bool:
        states = [state.state for name, state in supervisor.states().items() if name in names]
        return "FATAL" in states or states.count("RUNNING") == len(names)

    wait_until(settled, seconds=START_SECONDS)
    states = supervisor.states()
    for name in names:
        if name not in states or states[name].state != "RUNNING":
            raise _did_not_start(settings, name)


def _did_not_start(settings: StackSettings, name: str) -> StackError:
    return StackError(f"{name} did not start. {cause_of(log_file(settings, name))} Then run make up again.")


def cause_of(log: Path) -> str:
    """A sentence or two on why a service fails, from the end of its log."""
    tail = _tail(log)
    for sign, advice in CAUSES.items():
        if sign.lower() in tail.lower():
            return f"{advice}. (Its log: {log})"
    lines = [line for line in tail.splitlines() if line.strip()]
    said = f"Its last words: {lines[-1].strip()}" if lines else "It said nothing."
    return f"{said} Read {log} (make logs SERVICE={log.stem}) and mend the cause."


def _tail(log: Path) -> str:
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - TAIL_BYTES))
        return file.read().decode(errors="replace")
