"""Prefect's HTTP API, as far as a deployment needs it: start a run, wait for it, drain a pool.

Only httpx: a CI runner or a host in trouble need not import Prefect.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self

import httpx

FINAL_STATES: Final = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")
ACTIVE_STATES: Final = ("PENDING", "RUNNING", "CANCELLING")
ANSWER_SECONDS: Final = 90.0
"""How long an answer may take. Prefect on SQLite waits for its lock for up to 60 s before it answers, or says
503 (PrefectHQ/prefect#18934).
"""
BUSY_SECONDS: Final = 180.0
"""How long a server that says 503 is asked again."""
HEALTH_SECONDS: Final = 5.0
PAGE: Final = 200
"""Most runs that the server gives at once."""

Json = dict[str, Any]


class PrefectError(Exception):
    """The server cannot be reached or refused; the message says what to do."""


class PrefectApi:
    """A Prefect server. `auth` is "user:password" where the server asks for one."""

    def __init__(
        self, url: str, *, auth: str | None = None, transport: httpx.BaseTransport | None = None
    ) -> None:
        user, _, password = (auth or "").partition(":")
        self._url = url.rstrip("/")
        self._client = httpx.Client(
            auth=httpx.BasicAuth(user, password) if auth else None,
            timeout=httpx.Timeout(ANSWER_SECONDS, connect=30),
            transport=transport,
        )

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        url = env.get("PREFECT_API_URL")
        if not url:
            raise PrefectError(
                "PREFECT_API_URL is not set. Example: PREFECT_API_URL=https://prefect.my-team.org/api"
            )
        return cls(url, auth=env.get("PREFECT_API_AUTH_STRING"))

    def close(self) -> None:
        """Give back the connection."""
        self._client.close()

    @property
    def url(self) -> str:
        return self._url

    def healthy(self) -> bool:
        """Whether the server answers, and answers to our credential."""
        try:
            return self._client.get(f"{self._url}/admin/version", timeout=HEALTH_SECONDS).is_success
        except httpx.TransportError:
            return False

    def start(self, deployment: str, parameters: Json, *, idempotency_key: str | None = None) -> Json:
        """Start a run of `flow/deployment`; with the same key a second call returns the first run."""
        found = self._one("GET", f"/deployments/name/{deployment}")
        body = {"parameters": parameters, "idempotency_key": idempotency_key, "state": {"type": "SCHEDULED"}}
        return self._one("POST", f"/deployments/{found['id']}/create_flow_run", body)

    def run(self, run_id: str) -> Json:
        return self._one("GET", f"/flow_runs/{run_id}")

    def runs(self, **filters: Json | int) -> list[Json]:
        return self._many("/flow_runs/filter", {**filters, "sort": "START_TIME_DESC"})

    def runs_of(self, deployment: str) -> list[Json]:
        """The newest runs of `flow/deployment`, newest first."""
        name = deployment.partition("/")[2]
        return self.runs(deployments={"name": {"any_": [name]}})

    def wait(self, run_id: str, *, deadline: float, clock: Callable[[], float] = time.monotonic) -> Json:
        """The run once it is over. Raises `PrefectError` when `deadline` (seconds) has passed."""
        end = clock() + deadline
        while (run := self.run(run_id))["state_type"] not in FINAL_STATES:
            if clock() > end:
                raise PrefectError(
                    f"{run['name']} is still {run['state_name']} after {deadline:.0f} s; see it in Prefect"
                )
            time.sleep(1)
        return run

    def deployment_id(self, deployment: str) -> str:
        """Id of `flow/deployment`. Raises `PrefectError` if it is not deployed."""
        return str(self._one("GET", f"/deployments/name/{deployment}")["id"])

    def runs_in_state(self, state: str, *, since: timedelta | None = None) -> list[Json]:
        """Runs in a state, of any age or with a state not older than `since`; page after page."""
        wanted: Json = {"state": {"type": {"any_": [state]}}}
        if since is not None:
            wanted["end_time"] = {"after_": (datetime.now(UTC) - since).isoformat()}
        found: list[Json] = []
        while page := self.runs(flow_runs=wanted, offset=len(found), limit=PAGE):
            found += page
            if len(page) < PAGE:
                break
        return found

    def states_of(self, run_id: str) -> list[Json]:
        """Every state that a run has been in, in order."""
        states: list[Json] = self._call("GET", f"/flow_run_states/?flow_run_id={run_id}").json()
        return states

    def last_event(self, run_id: str) -> str:
        """Id of the newest event of a run; "" without one."""
        resource = {"id": [f"prefect.flow-run.{run_id}"]}
        body = {"filter": {"resource": resource, "order": "DESC"}, "limit": 1}
        events = self._one("POST", "/events/filter", body)["events"]
        return str(events[0]["id"]) if events else ""

    def propose_state(self, run_id: str, state: str, *, name: str, message: str) -> bool:
        """Propose a state; whether the server's rules took it. They let no run that has ended crash."""
        body = {"state": {"type": state, "name": name, "message": message}, "force": False}
        return bool(self._one("POST", f"/flow_runs/{run_id}/set_state", body)["status"] == "ACCEPT")

    def mark_crashed(self, run_id: str, reason: str) -> bool:
        """Mark a run whose process is gone; one that has ended keeps its state, and this is False."""
        return self.propose_state(run_id, "CRASHED", name="Crashed", message=reason)

    def create_pool(self, name: str) -> None:
        """Create a process work pool unless there is one of that name."""
        if not self._many("/work_pools/filter", {"work_pools": {"name": {"any_": [name]}}}):
            self._call("POST", "/work_pools/", {"name": name, "type": "process"})

    def put_pool(self, name: str, *, kind: str, template: Json) -> None:
        """Create a work pool of type `kind`, or give the one of that name this base job template."""
        if self._many("/work_pools/filter", {"work_pools": {"name": {"any_": [name]}}}):
            self._call("PATCH", f"/work_pools/{name}", {"base_job_template": template})
        else:
            self._call("POST", "/work_pools/", {"name": name, "type": kind, "base_job_template": template})

    def limit_pool(self, name: str, limit: int) -> None:
        """Let `limit` runs of a work pool go on at a time, over all its workers."""
        self._call("PATCH", f"/work_pools/{name}", {"concurrency_limit": limit})

    def limit_queue(self, pool: str, queue: str, limit: int) -> int:
        """Let `limit` runs of a queue go on at a time, unless it has a limit, which stays; the limit."""
        found = self._one("GET", f"/work_pools/{pool}/queues/{queue}")
        if found["concurrency_limit"] is not None:
            return int(found["concurrency_limit"])
        self._call("PATCH", f"/work_pools/{pool}/queues/{queue}", {"concurrency_limit": limit})
        return limit

    def move_deployment(self, deployment_id: str, pool: str) -> None:
        """Let the runs of a deployment go to another pool from now on."""
        self._call("PATCH", f"/deployments/{deployment_id}", {"work_pool_name": pool})

    def workers_online(self, pool: str) -> int:
        workers = self._many(f"/work_pools/{pool}/workers/filter", {})
        return sum(worker["status"] == "ONLINE" for worker in workers)

    def active_in_pool(self, pool: str) -> list[Json]:
        """Runs that a worker of the pool is busy with."""
        return self.runs(
            flow_runs={"state": {"type": {"any_": ACTIVE_STATES}}}, work_pools={"name": {"any_": [pool]}}
        )

    def schedule_again(self, run_id: str, message: str) -> bool:
        """Give a run whose process is gone back to the pool: the same run, with its parameters. Whether the
        server took it.
        """
        return self.propose_state(run_id, "SCHEDULED", name="AwaitingRetry", message=message)

    def pool_is_paused(self, pool: str) -> bool:
        return bool(self._one("GET", f"/work_pools/{pool}")["is_paused"])

    def pause_pool(self, pool: str, *, paused: bool) -> None:
        self._call("PATCH", f"/work_pools/{pool}", {"is_paused": paused})

    def deployments(self) -> list[Json]:
        return self._many("/deployments/filter", {})

    def automations(self) -> list[str]:
        """Names of all automations, those of triggers of deployments too."""
        return [str(each["name"]) for each in self._many("/automations/filter", {})]

    def workers(self, pool: str) -> list[Json]:
        return self._many(f"/work_pools/{pool}/workers/filter", {})

    def artifacts(self, run_id: str) -> list[Json]:
        """What the run wrote for people: `key`, `type` and `data` of each artifact."""
        body = {"flow_runs": {"id": {"any_": [run_id]}}, "sort": "ID_DESC"}
        return self._many("/artifacts/filter", body)

    def _one(self, method: str, path: str, body: Json | None = None) -> Json:
        found: Json = self._call(method, path, body).json()
        return found

    def _many(self, path: str, body: Json) -> list[Json]:
        found: list[Json] = self._call("POST", path, body).json()
        return found

    def _call(self, method: str, path: str, body: Json | None = None) -> httpx.Response:
        try:
            response = self._answer(method, path, body)
        except httpx.ReadTimeout as error:
            raise PrefectError(
                f"The Prefect server at {self._url} did not answer {method} {path} within "
                f"{ANSWER_SECONDS:.0f} s. See its log, and try again."
            ) from error
        except httpx.TransportError as error:
            raise PrefectError(
                f"No Prefect server at {self._url} ({type(error).__name__}). Is PREFECT_API_URL right?"
            ) from error
        if response.status_code == httpx.codes.UNAUTHORIZED:
            raise PrefectError(
                f"{self._url} refuses the credential. Set PREFECT_API_AUTH_STRING=user:password."
            )
        if response.status_code == httpx.codes.NOT_FOUND:
            raise PrefectError(f"{self._url}{path} does not exist. Were the flows deployed?")
        if response.is_error:
            raise PrefectError(f"{method} {path}: {response.status_code} {response.text[:500]}")
        return response

    def _answer(self, method: str, path: str, body: Json | None) -> httpx.Response:
        """A server that is busy (503: its SQLite is locked) is asked again, for a while."""
        end = time.monotonic() + BUSY_SECONDS
        while True:
            response = self._client.request(method, self._url + path, json=body)
            if response.status_code != httpx.codes.SERVICE_UNAVAILABLE or time.monotonic() > end:
                return response
            time.sleep(float(response.headers.get("Retry-After", 1)))
