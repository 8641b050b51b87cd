"""`make up`: from nothing, or from wherever an earlier one was interrupted, to a served prediction."""

from __future__ import annotations

import asyncio
import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psycopg2

from deployments.local import data, first_prediction, ports, postgres
from deployments.local.errors import StackError
from deployments.local.health import cause_of, wait_for_service, wait_until
from deployments.local.prefect_api import PrefectApi
from deployments.local.progress import Progress
from deployments.local.sample import write_sample
from deployments.local.services import (
    WORK_POOL,
    Service,
    all_services,
    client_environment,
    inherited_environment,
    program,
)
from deployments.local.settings import PROJECT, StackSettings
from deployments.local.supervisor import Supervisor, log_file
from deployments.local.training import Trainer

FREE_GIGABYTES: Final = 1.0
POSTGRES_SECONDS: Final = 30.0
PORT_OWNERS: Final = {"PREFECT_PORT": "prefect", "MLFLOW_PORT": "mlflow", "SERVING_PORT": "serving"}


async def up(settings: StackSettings, progress: Progress) -> None:
    """Start what does not run, train and promote unless that is done, and prove it with a prediction.

    Raises StackError with what to do next. What has been started keeps running in any case.
    """
    with _only_one(settings.state):
        supervisor = Supervisor(settings)
        _check(settings, supervisor)
        services = {service.name: service for service in _prepare(settings, supervisor, progress)}
        async with PrefectApi(settings.prefect_api_url) as api:
            await asyncio.gather(
                _database_and_tracker(settings, supervisor, services, progress),
                _orchestration(settings, supervisor, services, api, progress),
                _sample(settings, progress),
            )
            trainer = Trainer(settings, supervisor, api, progress)
            production = await trainer.ensure_production()
        with progress.step(f"serving answers with version {production.version}"):
            await first_prediction.wait_for_version(settings, production.version)
        with progress.step("prediction answered and logged in wine_predictions"):
            prediction = await first_prediction.predict(settings)
            await first_prediction.wait_for_row(settings, prediction)
        progress.say(_summary(settings, prediction, synthetic=production.synthetic))


@contextmanager
def _only_one(state: Path) -> Iterator[None]:
    """Hold the lock of the state folder. Raises StackError if another make up holds it."""
    state.mkdir(parents=True, exist_ok=True)
    with (state / "up.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StackError("Another make up is running. Wait for it, or end it with Ctrl-C.") from error
        yield


def _check(settings: StackSettings, supervisor: Supervisor) -> None:
    """What can be known to fail before anything is started."""
    free = shutil.disk_usage(settings.state).free / 1e9
    if free < FREE_GIGABYTES:
        raise StackError(
            f"Only {free:.1f} GB are free for {settings.state}; the stack needs {FREE_GIGABYTES:.0f} GB. "
            "Free some space, then run make up again."
        )
    if settings.data is not None:
        data.require_data(settings.data)
    states = supervisor.states()
    wanted = {
        "PREFECT_PORT": settings.prefect_port,
        "MLFLOW_PORT": settings.mlflow_port,
        "SERVING_PORT": settings.serving_port,
    }
    ours = {name for name, owner in PORT_OWNERS.items() if owner in states and states[owner].pid}
    ports.require_free({name: port for name, port in wanted.items() if name not in ours})


def _prepare(settings: StackSettings, supervisor: Supervisor, progress: Progress) -> tuple[Service, ...]:
    with progress.step("data folders and supervisor ready"):
        for name in ("prefect", "mlflow", "serving"):
            (settings.state / name).mkdir(exist_ok=True)
        postgres.prepare(settings)
        services = all_services(settings)
        supervisor.start(services)
        supervisor.start_service("prefect")
        supervisor.start_service("postgres")
    return services


async def _database_and_tracker(
    settings: StackSettings, supervisor: Supervisor, services: dict[str, Service], progress: Progress
) -> None:
    began = progress.clock()
    if not await wait_until(lambda: _databases(settings), seconds=POSTGRES_SECONDS):
        raise StackError(f"PostgreSQL did not start. {cause_of(log_file(settings, 'postgres'))}")
    progress.done("PostgreSQL ready", since=began)
    began = progress.clock()
    supervisor.start_service("mlflow")
    await wait_for_service(settings, supervisor, services["mlflow"])
    progress.done(f"MLflow ready at {settings.mlflow_url}", since=began)
    began = progress.clock()
    supervisor.start_service("serving")
    await wait_for_service(settings, supervisor, services["serving"])
    progress.done(f"serving up at {settings.serving_url}", since=began)


async def _databases(settings: StackSettings) -> bool:
    try:
        await asyncio.to_thread(postgres.create_databases, settings)
    except psycopg2.OperationalError:
        return False
    return True


async def _orchestration(
    settings: StackSettings,
    supervisor: Supervisor,
    services: dict[str, Service],
    api: PrefectApi,
    progress: Progress,
) -> None:
    began = progress.clock()
    await wait_for_service(settings, supervisor, services["prefect"])
    progress.done(f"Prefect ready at {settings.prefect_url}", since=began)
    began = progress.clock()
    await api.create_work_pool(WORK_POOL)
    supervisor.start_service("worker")
    await _run(settings, "deploy", program("prefect"), "--no-prompt", "deploy", "--all")
    progress.done("flows deployed (prefect.yaml)", since=began)
    if not await wait_until(lambda: _has_worker(api), seconds=60):
        raise StackError(f"The worker did not start. {cause_of(log_file(settings, 'worker'))}")
    progress.done(f"worker polls the pool {WORK_POOL}", since=began)


async def _has_worker(api: PrefectApi) -> bool:
    return await api.workers_online(WORK_POOL) > 0


async def _sample(settings: StackSettings, progress: Progress) -> None:
    if settings.data is not None:
        return
    began = progress.clock()
    if await asyncio.to_thread(write_sample, settings.data_folder):
        progress.done("synthetic reviews written", since=began)


async def _run(settings: StackSettings, name: str, *command: str) -> None:
    """Run a command to its end, its output in the log `name`. Raises StackError if it fails."""
    log = log_file(settings, name)
    with log.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=PROJECT,
            env=inherited_environment() | client_environment(settings),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
        code = await process.wait()
    if code != 0:
        raise StackError(f"`{Path(command[0]).name} {' '.join(command[1:])}` failed. {cause_of(log)}")


def _summary(settings: StackSettings, prediction: first_prediction.Prediction, *, synthetic: bool) -> str:
    caution = " It comes from SYNTHETIC reviews and says nothing about a real wine." if synthetic else ""
    return f"""
Serving   {settings.serving_url}   version {prediction.version}, trained on {data.describe(settings)}
Prefect   {settings.prefect_url}
MLflow    {settings.mlflow_url}

The example wine is estimated at {prediction.price:.2f} USD.{caution} Price it again:

{first_prediction.curl(settings)}

make status, make logs and make down do what they say; make clean removes all local state.
"""
