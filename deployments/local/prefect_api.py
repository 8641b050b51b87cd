"""The few calls to the Prefect server that the local stack needs, over its REST API.

Importing Prefect's own client takes longer than everything done here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import httpx

UNFINISHED: Final = ("SCHEDULED", "PENDING", "RUNNING", "PAUSED", "CANCELLING")
RUNNING: Final = ("RUNNING", "CANCELLING")
STARTED: Final = ("PENDING", *RUNNING)


@dataclass(frozen=True, slots=True)
class FlowRun:
    """A run of a deployment. `state` is Prefect's state type; `message` is what it says about it."""

    id: str
    name: str
    state: str
    message: str
    parameters: Mapping[str, Any]
    auto_scheduled: bool

    @property
    def unfinished(self) -> bool:
        return self.state in UNFINISHED

    @property
    def completed(self) -> bool:
        return self.state == "COMPLETED"

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> FlowRun:
        state = body.get("state") or {}
        return cls(
            id=body["id"],
            name=body["name"],
            state=body["state_type"] or "PENDING",
            message=state.get("message") or "",
            parameters=body.get("parameters") or {},
            auto_scheduled=bool(body.get("auto_scheduled")),
        )


class PrefectApi:
    """Client of one Prefect server; close it after use."""

    def __init__(self, api_url: str) -> None:
        self._client = httpx.AsyncClient(base_url=api_url, trust_env=False, timeout=30)

    async def __aenter__(self) -> PrefectApi:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def create_work_pool(self, name: str) -> None:
        """Create a process work pool unless there is one of that name."""
        response = await self._client.post("/work_pools/", json={"name": name, "type": "process"})
        if response.status_code != httpx.codes.CONFLICT:
            response.raise_for_status()

    async def workers_online(self, pool: str) -> int:
        response = await self._client.post(f"/work_pools/{pool}/workers/filter", json={})
        response.raise_for_status()
        return sum(worker["status"] == "ONLINE" for worker in response.json())

    async def deployment_id(self, name: str) -> str | None:
        """Id of `flow/deployment`, None if it is not deployed."""
        response = await self._client.get(f"/deployments/name/{name}")
        if response.status_code == httpx.codes.NOT_FOUND:
            return None
        response.raise_for_status()
        return str(response.json()["id"])

    async def start(self, deployment_id: str, parameters: Mapping[str, Any]) -> FlowRun:
        body = {"parameters": dict(parameters), "state": {"type": "SCHEDULED"}}
        response = await self._client.post(f"/deployments/{deployment_id}/create_flow_run", json=body)
        response.raise_for_status()
        return FlowRun.of(response.json())

    async def run(self, run_id: str) -> FlowRun:
        response = await self._client.get(f"/flow_runs/{run_id}")
        response.raise_for_status()
        return FlowRun.of(response.json())

    async def runs(self, deployment_id: str | None = None, *, states: Sequence[str] = ()) -> list[FlowRun]:
        """The latest runs, youngest first: of one deployment, in some states, or any."""
        body: dict[str, Any] = {"sort": "START_TIME_DESC", "limit": 50}
        if deployment_id is not None:
            body["deployments"] = {"id": {"any_": [deployment_id]}}
        if states:
            body["flow_runs"] = {"state": {"type": {"any_": list(states)}}}
        response = await self._client.post("/flow_runs/filter", json=body)
        response.raise_for_status()
        return [FlowRun.of(item) for item in response.json()]

    async def mark_crashed(self, run_id: str, reason: str) -> None:
        body = {"state": {"type": "CRASHED", "name": "Crashed", "message": reason}, "force": True}
        response = await self._client.post(f"/flow_runs/{run_id}/set_state", json=body)
        response.raise_for_status()
