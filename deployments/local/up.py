"""`make up`: from nothing, or from wherever an earlier one was interrupted, to a served prediction."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from configuration.without_effect import documented_settings, misspelt
from deployments.local import first_prediction
from deployments.local.data import check
from deployments.local.errors import StackError
from deployments.local.progress import Progress
from deployments.local.settings import StackSettings
from deployments.local.stack import ports
from deployments.local.stack.health import wait_until_all_run
from deployments.local.stack.services import INHERITED, INHERITED_PREFIXES, all_services
from deployments.local.stack.started_with import remember
from deployments.local.stack.starting import Starter
from deployments.local.stack.state_folder import make_private
from deployments.local.stack.supervisor import Supervisor
from deployments.local.training import Trainer
from deployments.prefect_api import PrefectApi, PrefectError

FREE_GIGABYTES: Final = 1.0
PORT_OWNERS: Final = {"PREFECT_PORT": "prefect", "MLFLOW_PORT": "mlflow", "SERVING_PORT": "serving"}


def up(settings: StackSettings, progress: Progress) -> None:
    """Start what does not run, train and promote unless that is done, and prove it with a prediction.

    Raises StackError with what to do next. What has been started keeps running in any case.
    """
    with _only_one(settings.state):
        supervisor = Supervisor(settings)
        _check(settings, supervisor)
        remember(settings)
        say_without_effect(os.environ, progress)
        api = PrefectApi(settings.prefect_api_url)
        try:
            starter = Starter(settings, supervisor, api, progress)
            starter.start()
            with starter.meanwhile():
                production = Trainer(settings, supervisor, api, progress).ensure_production()
        except PrefectError as error:
            raise StackError(f"{error} make logs SERVICE=prefect may say why.") from error
        with progress.step(f"serving answers with version {production.version}"):
            first_prediction.wait_for_version(settings, production.version)
        with progress.step("prediction answered and logged in wine_predictions"):
            prediction = first_prediction.predict(settings)
            first_prediction.wait_for_row(settings, prediction)
        wait_until_all_run(settings, supervisor, all_services(settings))
        progress.say(_summary(settings, prediction, synthetic=production.synthetic))


@contextmanager
def _only_one(state: Path) -> Iterator[None]:
    """Hold the lock of the state folder. Raises StackError if another make up holds it."""
    make_private(state)
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
        check.require_data(settings.data)
    states = supervisor.states()
    wanted = {
        "PREFECT_PORT": settings.prefect_port,
        "MLFLOW_PORT": settings.mlflow_port,
        "SERVING_PORT": settings.serving_port,
    }
    ours = {name for name, owner in PORT_OWNERS.items() if owner in states and states[owner].pid}
    ports.require_free({name: port for name, port in wanted.items() if name not in ours})


def say_without_effect(env: Mapping[str, str], progress: Progress) -> None:
    """Name the settings that are set, and that the local stack does not read."""
    known = documented_settings()
    unread = sorted(name for name in known if env.get(name, "").strip() and not _is_read(name, known[name]))
    if unread:
        progress.say(
            f"Set, but without effect here: {', '.join(unread)}. The local stack takes over nothing that "
            "belongs to a deployment; make help lists its variables."
        )
    for name, right in sorted(misspelt(env, known).items()):
        progress.say(f"{name} is set, and no setting has this name. Did you mean {right}?")


def _is_read(name: str, readers: str) -> bool:
    return "make up" in readers or name in INHERITED or name.startswith(INHERITED_PREFIXES)


def _summary(settings: StackSettings, prediction: first_prediction.Prediction, *, synthetic: bool) -> str:
    warning = " It comes from SYNTHETIC reviews and says nothing about a real wine." if synthetic else ""
    return f"""
Serving   {settings.serving_url}   version {prediction.version}, trained on {check.describe(settings)}
Prefect   {settings.prefect_url}
MLflow    {settings.mlflow_url}

The example wine is estimated at {prediction.price:.2f} USD.{warning} Price it again:

{first_prediction.request_command(settings)}

make status, make logs and make down do what they say; make clean removes all local state.
"""
