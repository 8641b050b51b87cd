"""A stand-in for a Prefect server, answering in the test's own process."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import httpx

from deployments.prefect_api import PrefectApi

AUTH = "prefect:word"


@dataclass
class Server:
    """`runs` by id; `endings` are the states that each run goes through as it is asked about."""

    runs: dict[str, dict[str, Any]] = field(default_factory=dict)
    endings: dict[str, list[str]] = field(default_factory=dict)
    paused: bool = False
    active: list[list[str]] = field(default_factory=list)
    found: list[dict[str, Any]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    artifacts: list[dict[str, Any]] = field(default_factory=list)
    ended: bool = False
    """The runs have ended: the server refuses to let them crash."""

    def add(self, run_id: str, *states: str, deployment: str = "wine-train", **parameters: str) -> None:
        self.runs[run_id] = {"id": run_id, "name": f"run-{run_id}", "deployment": deployment,
                             "parameters": parameters, "total_run_time": 1.5}  # fmt: skip
        self.endings[run_id] = list(states)

    def api(self, auth: str | None = AUTH) -> PrefectApi:
        return PrefectApi("http://prefect.test/api", auth=auth, transport=httpx.MockTransport(self.answer))

    def answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api")
        body = json.loads(request.content) if request.content else {}
        self.calls.append(f"{request.method} {path}")
        if request.headers.get("Authorization") != httpx.BasicAuth(*AUTH.split(":"))._auth_header:
            return httpx.Response(401)
        found = self.reply(request.method, path, body)
        return httpx.Response(404) if found is None else httpx.Response(200, json=found)

    def reply(self, method: str, path: str, body: dict[str, Any]) -> Any:
        fixed = {
            "/deployments/name/train/wine-train": {"id": "deployment"},
            "/deployments/deployment/create_flow_run": self.runs.get("first"),
            "/artifacts/filter": self.artifacts,
        }
        if path in fixed:
            return fixed[path]
        if path.endswith("/set_state"):
            return {"status": "ABORT" if self.ended else "ACCEPT"}
        if path == "/flow_runs/filter" and "flow_runs" in body:
            return self.found or [{"name": name} for name in (self.active.pop(0) if self.active else [])]
        if path == "/flow_runs/filter":
            [name] = body["deployments"]["name"]["any_"]
            return [run for run in self.runs.values() if run["deployment"] == name]
        if path.startswith("/flow_runs/"):
            return self.state(path.removeprefix("/flow_runs/"))
        return self.pool(method, path, body)

    def state(self, run_id: str) -> dict[str, Any]:
        states = self.endings[run_id]
        now = states.pop(0) if len(states) > 1 else states[0]
        state = {"message": f"it is {now.lower()}"}
        return {**self.runs[run_id], "state_type": now, "state_name": now.title(), "state": state}

    def pool(self, method: str, path: str, body: dict[str, Any]) -> Any:
        if path != "/work_pools/ec2-host":
            return None
        if method == "PATCH":
            self.paused = body["is_paused"]
        return {"is_paused": self.paused}
