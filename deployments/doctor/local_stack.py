"""The local stack of `make up`, where one runs: its services, its ports, and what they hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from importlib.util import find_spec
from typing import Final

from deployments.doctor.database import check_database
from deployments.doctor.finding import Env, Finding, fail, ok, skip, warn
from deployments.doctor.orchestration import check_orchestration
from deployments.doctor.tracker import check_tracker
from deployments.local.errors import StackError

AGAIN: Final = "make up starts what is missing; make logs SERVICE=name says why it ended."
SUBJECT: Final = "local stack"


def check_local_stack(env: Env) -> list[Finding]:
    if find_spec("supervisor") is None:
        return []
    # Imported where the group `local` is installed.
    from deployments.local.stack.services import all_services, client_environment  # noqa: PLC0415
    from deployments.local.stack.started_with import as_started  # noqa: PLC0415
    from deployments.local.stack.supervisor import Supervisor  # noqa: PLC0415
    from deployments.local.status import STOPPED, health  # noqa: PLC0415

    try:
        settings = as_started(env)
    except StackError as error:
        return [fail(SUBJECT, str(error), "Correct it, or take it out of the environment.")]
    states = Supervisor(settings).states()
    if not states:
        return [skip(SUBJECT, f"none runs from {settings.state}: make up starts one")]
    found = []
    for service in all_services(settings):
        state = states.get(service.name, STOPPED)
        found.append(_service(service.name, service.url, state.state, health(service, state)))
    return [*found, *_contents(client_environment(settings))]


def _service(name: str, url: str | None, state: str, health: str) -> Finding:
    subject = f"{SUBJECT}: {name}"
    at = f" at {url}" if url and url.startswith("http") else ""
    if state == "STARTING":
        return warn(subject, f"is starting{at}", "Wait a moment.")
    if state != "RUNNING":
        return fail(subject, f"is {state.lower()}", AGAIN)
    if health == "failing":
        return fail(subject, f"runs, but does not answer{at}", AGAIN)
    return ok(subject, f"runs{at}")


def _contents(env: Mapping[str, str]) -> list[Finding]:
    """What the checks of a deployment find in the stack's servers."""
    found = [*check_database(env), *check_tracker(env), *check_orchestration(env)]
    return [
        replace(each, subject=f"{SUBJECT}: {each.subject}", todo=AGAIN if each.todo else "") for each in found
    ]
