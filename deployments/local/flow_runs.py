"""A flow run as the local stack sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from deployments.prefect_api import FINAL_STATES, Json, PrefectApi

RUNNING: Final = ("RUNNING", "CANCELLING")
STARTED: Final = ("PENDING", *RUNNING)
UNFINISHED: Final = ("SCHEDULED", "PAUSED", *STARTED)


@dataclass(frozen=True, slots=True)
class FlowRun:
    """`state` is Prefect's state type, `message` what it says about it."""

    id: str
    name: str
    state: str
    message: str
    parameters: Mapping[str, Any]
    on_schedule: bool

    @property
    def unfinished(self) -> bool:
        return self.state not in FINAL_STATES

    @property
    def completed(self) -> bool:
        return self.state == "COMPLETED"

    @classmethod
    def of(cls, body: Json) -> FlowRun:
        return cls(
            id=body["id"],
            name=body["name"],
            state=body["state_type"] or "PENDING",
            message=(body.get("state") or {}).get("message") or "",
            parameters=body.get("parameters") or {},
            on_schedule=bool(body.get("auto_scheduled")),
        )


def runs_in(api: PrefectApi, states: Sequence[str], *, deployment: str | None = None) -> list[FlowRun]:
    """The runs in one of these states, newest first; of one `flow/deployment` if given."""
    filters: dict[str, Json] = {"flow_runs": {"state": {"type": {"any_": list(states)}}}}
    if deployment is not None:
        filters["deployments"] = {"name": {"any_": [deployment.partition("/")[2]]}}
    return [FlowRun.of(body) for body in api.runs(**filters)]
