"""Starting the services side by side: database and tracker, orchestration, data."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psycopg2

from deployments import run_limits
from deployments.automations.names import PREFIX
from deployments.local.data.sample import write_sample
from deployments.local.errors import StackError
from deployments.local.progress import Progress
from deployments.local.settings import PROJECT, StackSettings
from deployments.local.stack import postgres, prefect_database
from deployments.local.stack.health import cause_of, wait_for_service
from deployments.local.stack.services import (
    PREFECT,
    WORK_POOL,
    all_services,
    client_environment,
    inherited_environment,
)
from deployments.local.stack.supervisor import Supervisor, log_file
from deployments.prefect_api import PrefectApi
from deployments.waiting import Abandoned, wait_until

POSTGRES_SECONDS: Final = 30.0
WORKER_SECONDS: Final = 60.0
DEPLOY_SECONDS: Final = 180.0


class Starter:
    """Brings the services of one stack up. Whatever runs already is left alone."""

    def __init__(
        self, settings: StackSettings, supervisor: Supervisor, api: PrefectApi, progress: Progress
    ) -> None:
        self._settings = settings
        self._supervisor = supervisor
        self._api = api
        self._progress = progress
        self._services = {service.name: service for service in all_services(settings)}
        self._abandoned = threading.Event()
        self._prefect_home = settings.state / "prefect"
        self._prefect_begins_anew = False

    def start(self) -> None:
        """Return when a model can be trained: tracker, worker and reviews are there, the flows deployed.

        Raises StackError, or what interrupted it, after the other branches have been given up.
        """
        with self._progress.step("data folders and supervisor ready"):
            self._prepare()
        self._side_by_side(self._database_and_tracker, self._orchestration, self._sample)

    @contextmanager
    def meanwhile(self) -> Iterator[None]:
        """Start the service and put the automations in place beside the body; then the rescuer of runs.

        The first two need no model, and training leaves them a core. Raises StackError if one of them fails.
        """
        self._abandoned.clear()
        with ThreadPoolExecutor(max_workers=2) as executor:
            branches = [executor.submit(self._serving), executor.submit(self._automations)]
            try:
                yield
                for branch in branches:
                    branch.result()
                self._rescuer()
            finally:
                self._abandoned.set()

    def _side_by_side(self, *branches: Callable[[], None]) -> None:
        with ThreadPoolExecutor(max_workers=len(branches)) as executor:
            futures = [executor.submit(branch) for branch in branches]
            try:
                wait(futures, return_when=FIRST_EXCEPTION)
            finally:
                self._abandoned.set()  # one has failed, or all have ended, or the user has interrupted
        failures = [error for future in futures if (error := future.exception())]
        for failure in sorted(failures, key=lambda error: isinstance(error, Abandoned)):
            raise failure

    def _prepare(self) -> None:
        for name in ("prefect", "mlflow", "serving"):
            (self._settings.state / name).mkdir(exist_ok=True)
        self._prefect_begins_anew = not prefect_database.restore(self._prefect_home, os.environ)
        self._supervisor.start(tuple(self._services.values()))
        self._supervisor.start_service("prefect")  # the longest to start: first

    def _database_and_tracker(self) -> None:
        began = self._progress.clock()
        postgres.prepare(self._settings)
        self._supervisor.start_service("postgres")
        if not wait_until(self._databases, seconds=POSTGRES_SECONDS, abandoned=self._abandoned):
            raise StackError(f"PostgreSQL did not start. {cause_of(log_file(self._settings, 'postgres'))}")
        self._progress.done("PostgreSQL ready", since=began)
        self._start_service("mlflow", f"MLflow ready at {self._settings.mlflow_url}")

    def _serving(self) -> None:
        self._start_service("serving", f"serving up at {self._settings.serving_url}")

    def _automations(self) -> None:
        """The stack inherits no address for alerts, so all there is to do is to remove those of before."""
        if any(name.startswith(f"{PREFIX}-") for name in self._api.automations()):
            self._run("automations", sys.executable, "-m", "deployments.automations")

    def _rescuer(self) -> None:
        self._supervisor.start_service("rescuer")
        self._progress.say("A run whose process dies is run again.")

    def _orchestration(self) -> None:
        self._start_service("prefect", f"Prefect ready at {self._settings.prefect_url}")
        if self._prefect_begins_anew:
            prefect_database.keep(self._prefect_home, os.environ)
        began = self._progress.clock()
        self._api.create_pool(WORK_POOL)
        self._supervisor.start_service("worker")
        self._run("deploy", *PREFECT, "--no-prompt", "deploy", "--all")
        run_limits.limit_queue(self._api)
        self._progress.done("flows deployed (prefect.yaml)", since=began)
        if not wait_until(self._has_worker, seconds=WORKER_SECONDS, abandoned=self._abandoned):
            raise StackError(f"The worker did not start. {cause_of(log_file(self._settings, 'worker'))}")
        self._progress.done(f"worker polls the pool {WORK_POOL}", since=began)

    def _sample(self) -> None:
        if self._settings.data is not None:
            return
        began = self._progress.clock()
        if write_sample(self._settings.data_folder):
            self._progress.done("synthetic reviews written", since=began)

    def _start_service(self, name: str, report: str) -> None:
        began = self._progress.clock()
        self._supervisor.start_service(name)
        wait_for_service(self._settings, self._supervisor, self._services[name], abandoned=self._abandoned)
        self._progress.done(report, since=began)

    def _databases(self) -> bool:
        try:
            postgres.create_databases(self._settings)
        except psycopg2.OperationalError:
            return False
        return True

    def _has_worker(self) -> bool:
        return self._api.workers_online(WORK_POOL) > 0

    def _run(self, name: str, *command: str) -> None:
        """Run a command to its end, its output in the log `name`. Raises StackError if it fails."""
        log = log_file(self._settings, name)
        with log.open("wb") as out:
            code = subprocess.call(
                command,
                cwd=PROJECT,
                env=inherited_environment() | client_environment(self._settings),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                timeout=DEPLOY_SECONDS,
            )
        if code != 0:
            raise StackError(f"`{Path(command[0]).name} {' '.join(command[1:])}` failed. {cause_of(log)}")
