"""Waiting until something works, with a reason when it does not."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import httpx

from deployments.local.errors import StackError
from deployments.local.services import Service
from deployments.local.settings import StackSettings
from deployments.local.supervisor import Supervisor, log_file

POLL_SECONDS: Final = 0.2
START_SECONDS: Final = 120.0
OK: Final = 200
TAIL_BYTES: Final = 20_000
CAUSES: Final = {
    "No space left on device": "The disk is full: free some space",
    "database or disk is full": "The disk is full: free some space",
    "address already in use": "Its port was taken meanwhile: choose another (make help names the variables)",
    "Cannot allocate memory": "The memory is used up: end other programs",
}


async def wait_until(
    check: Callable[[], Awaitable[bool]], *, seconds: float, poll: float = POLL_SECONDS
) -> bool:
    """Repeat `check` until it is true (then True) or `seconds` have passed (then False)."""
    deadline = time.monotonic() + seconds
    while not await check():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(poll)
    return True


async def answers(url: str) -> bool:
    """Whether a GET of `url` gives 200 right now."""
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
            return (await client.get(url)).status_code == OK
    except httpx.HTTPError:
        return False


async def wait_for_service(
    settings: StackSettings, supervisor: Supervisor, service: Service, *, seconds: float = START_SECONDS
) -> None:
    """Wait until the service's health URL answers.

    Raises StackError with the cause found in its log when the supervisor has given it up or time is up.
    """

    async def healthy_or_given_up() -> bool:
        if service.health and await answers(service.health):
            return True
        state = supervisor.states().get(service.name)
        return state is not None and state.state == "FATAL"

    ended = await wait_until(healthy_or_given_up, seconds=seconds)
    if not ended or not (service.health and await answers(service.health)):
        log = log_file(settings, service.name)
        raise StackError(f"{service.name} did not start. {cause_of(log)} Then run make up again.")


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
