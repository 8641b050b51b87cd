"""Getting a model into production: one run of `train`, whose completion triggers `promote`.

Whatever an earlier, interrupted `make up` left is taken up where it stands: an unfinished run is
followed, a waiting candidate is promoted, a run whose process is gone is marked as crashed.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

from deployments.local.errors import StackError
from deployments.local.flow_runs import RUNNING, STARTED, UNFINISHED, FlowRun, runs_in
from deployments.local.progress import Progress
from deployments.local.registry import RegisteredVersion, version_with_alias
from deployments.local.settings import StackSettings
from deployments.local.stack import processes
from deployments.local.stack.health import cause_of
from deployments.local.stack.supervisor import Supervisor, log_file
from deployments.prefect_api import PrefectApi
from deployments.waiting import wait_until
from flows.registry.contract import CANDIDATE, PRODUCTION

TRAIN: Final = "train/wine-train"
PROMOTE: Final = "promote/wine-promote"

# The deployment spends further fits on the model card (learning curve, unseen wineries); somebody who waits
# for the first price does not want to wait for them.
PARAMETERS: Final = {TRAIN: {"extras": "never", "reason": "make up"}}
POLL_SECONDS: Final = 0.5
LOOK_EVERY: Final = 10
"""Polls between two looks at the processes."""
MISSES_RUNNING: Final = 2
MISSES_PENDING: Final = 12
"""Looks in which a started run may lack a process, before it counts as crashed."""
TRIGGER_SECONDS: Final = 90.0
ZOMBIE: Final = "The process of this run is gone: the stack was stopped, or the process was killed."


@dataclass(frozen=True, slots=True)
class Trainer:
    """Starts and follows the runs that end in a production model."""

    settings: StackSettings
    supervisor: Supervisor
    api: PrefectApi
    progress: Progress

    def ensure_production(self) -> RegisteredVersion:
        """A production version trained on the stack's data; trained now unless there is one.

        Raises StackError when training or promotion fails, with the reason that Prefect records.
        """
        production = self._version(PRODUCTION)
        if production and production.trained_on(self.settings.data_folder):
            self.progress.say(f"Version {production.version} in production was trained on this data: kept.")
            return production
        self.mark_zombies()
        began = self.progress.clock()
        run = self._promotion()
        if not run.completed:
            raise self._failure("promotion", run)
        production = self._version(PRODUCTION)
        if production is None:
            raise self._failure("promotion", run)
        self.progress.done(f"promoted: version {production.version} is in production", since=began)
        return production

    def mark_zombies(self) -> None:
        """Mark the runs that Prefect believes to be running, but no process executes."""
        alive = processes.flow_runs(self.settings.state)  # before asking Prefect: a process starts first
        for run in runs_in(self.api, RUNNING):
            if run.id not in alive:
                self.api.mark_crashed(run.id, ZOMBIE)

    def _promotion(self) -> FlowRun:
        """The finished run of `promote`, after whatever has to come before it."""
        if unfinished := self._unfinished(PROMOTE):
            return self._follow(unfinished, "promotion")
        candidate = self._version(CANDIDATE)
        training = self._unfinished(TRAIN)
        if candidate and candidate.trained_on(self.settings.data_folder) and not training:
            return self._follow(self._start(PROMOTE), "promotion")
        trained = self._train(training)
        return self._follow(self._triggered_by(trained), "promotion")

    def _train(self, unfinished: FlowRun | None) -> FlowRun:
        """A completed run of `train`: the unfinished one, or a new one; a crashed one is repeated."""
        began = self.progress.clock()
        run = self._follow(unfinished or self._start(TRAIN), "training")
        if run.state == "CRASHED":
            self.progress.say(f"The run {run.name} crashed; training again. ({run.message})")
            again = self._unfinished(TRAIN) or self._start(TRAIN)
            run = self._follow(again, "training")
        if not run.completed:
            raise self._failure("training", run)
        self.progress.done("trained and registered (flow train)", since=began)
        return run

    def _triggered_by(self, trained: FlowRun) -> FlowRun:
        """The run of `promote` that the completion of this training set off."""
        found: list[FlowRun] = []

        def triggered() -> bool:
            runs = [FlowRun.of(body) for body in self.api.runs_of(PROMOTE)]
            found[:] = [run for run in runs if run.parameters.get("train_flow_run_id") == trained.id]
            return bool(found)

        if not wait_until(triggered, seconds=TRIGGER_SECONDS, poll=POLL_SECONDS):
            raise StackError(
                f"Training completed, but its completion did not trigger {PROMOTE} within "
                f"{TRIGGER_SECONDS:.0f} s. Look at {self.settings.prefect_url}/automations and "
                f"{log_file(self.settings, 'prefect')}; make up again promotes the waiting candidate."
            )
        return found[0]

    def _follow(self, run: FlowRun, what: str) -> FlowRun:
        """Wait for the end of a run; one whose process is gone is marked as crashed."""
        polls, misses = 0, 0
        while run.unfinished:
            time.sleep(POLL_SECONDS)
            polls += 1
            look = polls % LOOK_EVERY == 0
            alive = self._living(what) if look else set()
            run = FlowRun.of(self.api.run(run.id))
            if look and run.state in STARTED:
                misses = 0 if run.id in alive else misses + 1
                if misses >= (MISSES_RUNNING if run.state in RUNNING else MISSES_PENDING):
                    self.api.mark_crashed(run.id, ZOMBIE)
        return run

    def _living(self, what: str) -> set[str]:
        """Ids of the runs that have a process. Raises StackError when the worker has been given up."""
        state = self.supervisor.states().get("worker")
        if state is None or state.state == "FATAL":
            cause = cause_of(log_file(self.settings, "worker"))
            raise StackError(f"The worker stopped during {what}. {cause} Then run make up again.")
        return set(processes.flow_runs(self.settings.state))

    def _unfinished(self, deployment: str) -> FlowRun | None:
        runs = runs_in(self.api, UNFINISHED, deployment=deployment)
        due = [run for run in runs if run.state != "SCHEDULED" or not run.on_schedule]
        return due[0] if due else None

    def _start(self, deployment: str) -> FlowRun:
        return FlowRun.of(self.api.start(deployment, PARAMETERS.get(deployment, {})))

    def _version(self, alias: str) -> RegisteredVersion | None:
        return version_with_alias(self.settings.mlflow_url, alias)

    def _failure(self, what: str, run: FlowRun) -> StackError:
        return StackError(
            f"The {what} ended as {run.state.title()}: {run.message or 'no reason given'}\n"
            f"The run with its log: {self.settings.prefect_url}/runs/flow-run/{run.id}\n"
            "Mend the cause and run make up again."
        )
