"""A local stack in a temporary folder, on free ports, driven through its command line."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psycopg2

from deployments.local.settings import PROJECT, StackSettings
from deployments.local.stack import postgres
from deployments.prefect_api import FINAL_STATES
from deployments.waiting import wait_until
from tests.integration.servers import ask
from tests.pace import patience
from tests.ports import free_port

T = TypeVar("T")


def eventually(check: Callable[[], T], *, seconds: float, what: str) -> T:
    """The first true answer of `check`; fails after `seconds`."""
    limit = patience(seconds)
    deadline = time.monotonic() + limit
    while not (answer := check()):
        assert time.monotonic() < deadline, f"not within {limit:.0f} s: {what}"
        time.sleep(0.1)
    return answer


@dataclass(frozen=True)
class LocalStack:
    """One stack: its folder, its environment, its command line, its addresses."""

    state: Path
    data: Path
    ports: list[int] = field(default_factory=lambda: [free_port() for _ in range(3)])

    @property
    def environment(self) -> dict[str, str]:
        prefect, mlflow, serving = (str(port) for port in self.ports)
        return os.environ | {
            "LOCAL_STATE": str(self.state),
            "DATA": str(self.data),
            "PREFECT_PORT": prefect,
            "MLFLOW_PORT": mlflow,
            "SERVING_PORT": serving,
        }

    @property
    def settings(self) -> StackSettings:
        return StackSettings.from_env(self.environment)

    def command(
        self,
        *arguments: str,
        seconds: float = 200,
        run: Sequence[str] = ("-m", "deployments.local"),
        without: Sequence[str] = (),
    ) -> subprocess.CompletedProcess[str]:
        """One of the project's commands, with the stack's environment `without` some of its variables."""
        env = {name: value for name, value in self.environment.items() if name not in without}
        return subprocess.run(
            [sys.executable, *run, *arguments],
            cwd=PROJECT,
            env=env,
            capture_output=True,
            text=True,
            timeout=patience(seconds),
            check=False,
        )

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "deployments.local", *arguments],
            cwd=PROJECT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def query(self, sql: str, *parameters: object, database: str = "wine") -> list[tuple[Any, ...]]:
        """Run one statement in a database: that of the prediction log, if no other is named."""
        connection = psycopg2.connect(self.settings.postgres_uri(database))
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(sql, parameters)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def prefect(self, path: str, body: dict[str, Any]) -> Any:
        return ask("POST", f"{self.settings.prefect_api_url}{path}", body).json()

    def runs(self, deployment: str) -> list[dict[str, Any]]:
        """Runs of a deployment by its bare name, youngest first."""
        body = {"deployments": {"name": {"any_": [deployment]}}, "sort": "START_TIME_DESC"}
        try:
            return self.prefect("/flow_runs/filter", body)
        except httpx.HTTPError:
            return []

    def start_run(self, deployment: str, **parameters: object) -> str:
        found = ask("GET", f"{self.settings.prefect_api_url}/deployments/name/{deployment}").json()
        body = {"parameters": parameters, "state": {"type": "SCHEDULED"}}
        return self.prefect(f"/deployments/{found['id']}/create_flow_run", body)["id"]

    def ended_run(self, deployment: str, *, seconds: float = 120, **parameters: object) -> dict[str, Any]:
        """A run of `flow/deployment`, when it has ended."""
        run_id = self.start_run(deployment, **parameters)

        def ended() -> dict[str, Any] | None:
            run = ask("GET", f"{self.settings.prefect_api_url}/flow_runs/{run_id}").json()
            return run if run["state_type"] in FINAL_STATES else None

        return eventually(ended, seconds=seconds, what=f"a run of {deployment} that has ended")

    def wait_for_version_after(self, before: str | None, *, seconds: float) -> None:
        """Until the service takes up a version other than `before`; where none comes, the runs are shown."""
        came = wait_until(lambda: self.served_version() not in (before, None), seconds=patience(seconds))
        assert came, f"no version after {before}:\n{self.latest_runs()}"

    def latest_runs(self) -> str:
        """A line for each of the latest runs: its start, deployment, state and the state's message."""
        runs = [
            (run["start_time"] or "not begun", name, run["state"]["name"], run["state"]["message"])
            for name in ("wine-train", "wine-promote", "wine-drift", "wine-feedback")
            for run in self.runs(name)
        ]
        return "\n".join(" | ".join(map(str, run)) for run in sorted(runs)[-8:])

    def predict(self, **wine: object) -> httpx.Response:
        return httpx.post(f"{self.settings.serving_url}/predict", json=wine, timeout=patience(30))

    def served_version(self) -> str | None:
        try:
            answer = httpx.get(f"{self.settings.serving_url}/health", timeout=patience(5))
        except httpx.HTTPError:
            return None
        return str(answer.json().get("model_version")) if answer.is_success else None


def databases_answer(settings: StackSettings) -> bool:
    try:
        postgres.create_databases(settings)
    except psycopg2.OperationalError:
        return False
    return True


def request_of(output: str) -> str:
    """The command that make up printed: with curl, or with Python where there is no curl."""
    found = re.search(r"Price it again:\n\n(.*)\n\nmake status", output)
    assert found, output
    return found[1]
