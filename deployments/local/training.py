"""Getting a model into production: one run of `train`, whose completion triggers `promote`.

Whatever an earlier, interrupted `make up` left is taken up where it stands: an unfinished run is
followed, a waiting candidate is promoted, a run whose process is gone is marked as crashed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from deployments.local import processes
from deployments.local.errors import StackError
from deployments.local.health import cause_of, wait_until
from deployments.local.prefect_api import RUNNING, STARTED, UNFINISHED, FlowRun, PrefectApi
from deployments.local.progress import Progress
from deployments.local.registry import CANDIDATE, PRODUCTION, RegisteredVersion, version_with_alias
from deployments.local.settings import StackSettings
from deployments.local.supervisor import Supervisor, log_file

TRAIN: Final = "train/wine-train"
PROMOTE: Final = "promote/wine-promote"
POLL_SECONDS: Final = 0.5
LOOK_EVERY: Final = 10
"""Polls between two looks at the processes."""
MISSES_RUNNING: Final = 2
MISSES_PENDING: Final = 12
"""Looks in which a started run may lack a process, before it counts as crashed."""
TRIGGER_SECONDS: Final = 90.0
STRANDED: Final = "The process of this run is gone: the stack was stopped, or the process was killed."


@dataclass(frozen=True, slots=True)
class Trainer:
    """Starts and follows the runs that end in a production model."""

    settings: StackSettings
    supervisor: Supervisor
    api: PrefectApi
    progress: Progress

    async def ensure_production(self) -> RegisteredVersion:
        """A production version trained on the stack's data; trained now unless there is one.

        Raises StackError when training or promotion fails, with the reason that Prefect records.
        """
        production = await self._version(PRODUCTION)
        if production and production.trained_on(self.settings.data_folder):
            self.progress.say(f"Version {production.version} in production was trained on this data: kept.")
            return production
        await self.mark_stranded()
        began = self.progress.clock()
        run = await self._promotion()
        if not run.completed:
            raise self._failure("promotion", run)
        production = await self._version(PRODUCTION)
        if production is None:
            raise self._failure("promotion", run)
        self.progress.done(f"promoted: version {production.version} is in production", since=began)
        return production

    async def mark_stranded(self) -> None:
        """Mark the runs that Prefect believes to be running, but no process executes."""
        alive = processes.flow_runs(self.settings.state)  # before asking Prefect: a process starts first
        for run in await self.api.runs(states=RUNNING):
            if run.id not in alive:
                await self.api.mark_crashed(run.id, STRANDED)

    async def _promotion(self) -> FlowRun:
        """The finished run of `promote`, after whatever has to come before it."""
        if unfinished := await self._unfinished(PROMOTE):
            return await self._follow(unfinished, "promotion")
        candidate = await self._version(CANDIDATE)
        training = await self._unfinished(TRAIN)
        if candidate and candidate.trained_on(self.settings.data_folder) and not training:
            return await self._follow(await self._start(PROMOTE, {}), "promotion")
        trained = await self._train(training)
        return await self._follow(await self._triggered_by(trained), "promotion")

    async def _train(self, unfinished: FlowRun | None) -> FlowRun:
        """A completed run of `train`: the unfinished one, or a new one; a crashed one is repeated."""
        began = self.progress.clock()
        run = await self._follow(unfinished or await self._start(TRAIN, {}), "training")
        if run.state == "CRASHED":
            self.progress.say(f"The run {run.name} crashed; training again. ({run.message})")
            again = await self._unfinished(TRAIN) or await self._start(TRAIN, {})
            run = await self._follow(again, "training")
        if not run.completed:
            raise self._failure("training", run)
        self.progress.done("trained and registered (flow train)", since=began)
        return run

    async def _triggered_by(self, trained: FlowRun) -> FlowRun:
        """The run of `promote` that the completion of this training set off."""
        promote_id = await self._id(PROMOTE)
        found: list[FlowRun] = []

        async def triggered() -> bool:
            runs = await self.api.runs(promote_id)
            found[:] = [run for run in runs if run.parameters.get("train_flow_run_id") == trained.id]
            return bool(found)

        if not await wait_until(triggered, seconds=TRIGGER_SECONDS, poll=POLL_SECONDS):
            raise StackError(
                f"Training completed, but its completion did not trigger {PROMOTE} within "
                f"{TRIGGER_SECONDS:.0f} s. Look at {self.settings.prefect_url}/automations and "
                f"{log_file(self.settings, 'prefect')}; make up again promotes the waiting candidate."
            )
        return found[0]

    async def _follow(self, run: FlowRun, what: str) -> FlowRun:
        """Wait for the end of a run; one whose process is gone is marked as crashed."""
        polls, misses = 0, 0
        while run.unfinished:
            await asyncio.sleep(POLL_SECONDS)
            polls += 1
            look = polls % LOOK_EVERY == 0
            alive = self._living(what) if look else set()
            run = await self.api.run(run.id)
            if look and run.state in STARTED:
                misses = 0 if run.id in alive else misses + 1
                if misses >= (MISSES_RUNNING if run.state in RUNNING else MISSES_PENDING):
                    await self.api.mark_crashed(run.id, STRANDED)
        return run

    def _living(self, what: str) -> set[str]:
        """Ids of the runs that have a process. Raises StackError when the worker has been given up."""
        state = self.supervisor.states().get("worker")
        if state is None or state.state == "FATAL":
            cause = cause_of(log_file(self.settings, "worker"))
            raise StackError(f"The worker stopped during {what}. {cause} Then run make up again.")
        return set(processes.flow_runs(self.settings.state))

    async def _unfinished(self, deployment: str) -> FlowRun | None:
        runs = await self.api.runs(await self._id(deployment), states=UNFINISHED)
        due = [run for run in runs if run.state != "SCHEDULED" or not run.auto_scheduled]
        return due[0] if due else None

    async def _start(self, deployment: str, parameters: Mapping[str, Any]) -> FlowRun:
        return await self.api.start(await self._id(deployment), parameters)

    async def _id(self, deployment: str) -> str:
        found = await self.api.deployment_id(deployment)
        if found is None:
            raise StackError(f"Prefect does not know the deployment {deployment}. Run make up again.")
        return found

    async def _version(self, alias: str) -> RegisteredVersion | None:
        return await version_with_alias(self.settings.mlflow_url, alias)

    def _failure(self, what: str, run: FlowRun | None) -> StackError:
        if run is None:
            return StackError(f"The {what} did not start. Run make up again.")
        return StackError(
            f"The {what} ended as {run.state.title()}: {run.message or 'no reason given'}\n"
            f"The run with its log: {self.settings.prefect_url}/runs/flow-run/{run.id}\n"
            "Mend the cause and run make up again."
        )
