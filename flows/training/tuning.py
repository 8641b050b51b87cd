"""The search for better hyper-parameters: trials as tasks, here or on Dask, resumed where it was cut off."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
import optuna
import pandas as pd
from mlflow import MlflowClient
from mlflow.entities import Run
from optuna.trial import TrialState
from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from flows.registry.experiments import FLOW_RUN
from flows.settings import FlowSettings
from flows.training.estimators import EstimatorConfig, log_price
from flows.training.request import TrainRequest
from flows.training.search_space import SPACE, defaults, suggested
from pricing.data.split import split_by_wine
from pricing.evaluation.slices import FIELD_SETS, with_fields
from pricing.wine.schema import PRICE, SCHEMA_VERSION

VALIDATION_SHARE: Final = 0.2
AT_ONCE_ON_DASK: Final = 4

_PARENT_TAG: Final = "mlflow.parentRunId"
_VALUE: Final = "validation_rmse_log_scale"


class Pending(Protocol):
    """A trial that is being run."""

    def result(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Search:
    """A study with the MLflow run that its trials are nested in."""

    study: optuna.Study
    client: MlflowClient
    parent: Run
    budget: int

    @property
    def finished(self) -> int:
        return len(self.study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,)))


def tuned(
    settings: FlowSettings, client: MlflowClient, run: Run, wines: pd.DataFrame, request: TrainRequest
) -> dict[str, Any]:
    """The best hyper-parameters after `budget` finished trials on these training wines.

    Trials that an earlier run finished count: a search that was cut off goes on where it stopped.
    """
    seen, unseen = split_by_wine(wines, test_share=VALIDATION_SHARE, seed=request.seed)
    name = _study_name(wines, request.seed)

    @flow(name="tune", task_runner=_runner(settings))
    def tune() -> dict[str, Any]:
        """Prefect sends the flow and its parameters with each trial. The study is in neither of them: its
        file is here, and Dask's workers would open one of their own.
        """

        def submit(params: Mapping[str, Any]) -> Pending:
            return evaluate_trial.submit(seen, unseen, params, request.seed)

        with _study(settings, name, request.seed) as study:
            search = Search(study, client, run, request.budget)
            run_trials(search, submit, at_once=AT_ONCE_ON_DASK if settings.dask_address else 1)
            return dict(study.best_params)

    return tune()


@task(name="trial", cache_policy=NO_CACHE, persist_result=False)
def evaluate_trial(seen: pd.DataFrame, unseen: pd.DataFrame, params: Mapping[str, Any], seed: int) -> float:
    """RMSE of log price on `unseen`, averaged over what clients may tell."""
    estimator = EstimatorConfig(params=params).fit(seen, seed=seed)
    actual = log_price(unseen)
    errors = [estimator.predict(with_fields(unseen, fields)) - actual for fields in FIELD_SETS.values()]
    return float(np.mean([np.sqrt((error**2).mean()) for error in errors]))


def run_trials(search: Search, submit: Callable[[Mapping[str, Any]], Pending], *, at_once: int) -> None:
    """Run trials, `at_once` at a time, until the budget is spent."""
    while search.finished < search.budget:
        wanted = min(at_once, search.budget - search.finished)
        started = [_start(search) for _ in range(wanted)]
        running = [(trial, run, submit(trial.params)) for trial, run in started]
        for trial, run, pending in running:
            _finish(search, trial, run, pending)


def _start(search: Search) -> tuple[optuna.Trial, Run]:
    trial = search.study.ask()
    suggested(trial)
    tags = {
        _PARENT_TAG: search.parent.info.run_id,
        FLOW_RUN: search.parent.data.tags[FLOW_RUN],
        "optuna.trial": str(trial.number),
    }
    run = search.client.create_run(
        search.parent.info.experiment_id, run_name=f"trial {trial.number}", tags=tags
    )
    for name, value in trial.params.items():
        search.client.log_param(run.info.run_id, name, value)
    return trial, run


def _finish(search: Search, trial: optuna.Trial, run: Run, pending: Pending) -> None:
    value = pending.result()
    search.client.log_metric(run.info.run_id, _VALUE, value, timestamp=time.time_ns() // 1_000_000)
    search.client.set_terminated(run.info.run_id)
    search.study.tell(trial, value)


@contextmanager
def _study(settings: FlowSettings, name: str, seed: int) -> Iterator[optuna.Study]:
    """The study of this name; what a killed run left half done is queued again."""
    settings.state.mkdir(parents=True, exist_ok=True)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    storage = optuna.storages.RDBStorage(f"sqlite:///{settings.state / 'tuning.db'}")
    try:
        study = optuna.create_study(
            storage=storage,
            study_name=name,
            sampler=optuna.samplers.TPESampler(seed=seed),
            load_if_exists=True,
        )
        if not study.get_trials(deepcopy=False):
            study.enqueue_trial(defaults())
        for params in list(_cut_off(study)):
            study.enqueue_trial(params, skip_if_exists=True)
        yield study
    finally:
        storage.remove_session()
        storage.engine.dispose()


def _cut_off(study: optuna.Study) -> Iterator[dict[str, Any]]:
    for trial in study.get_trials(states=(TrialState.RUNNING,)):
        study.tell(trial.number, state=TrialState.FAIL)
        yield dict(trial.params)


def _study_name(wines: pd.DataFrame, seed: int) -> str:
    """Equal for equal training wines, space and seed: what makes trials comparable."""
    content = pd.util.hash_pandas_object(wines.drop(columns=["title"], errors="ignore"), index=False)
    identity = f"{SCHEMA_VERSION} {seed} {SPACE} {len(wines)} {wines[PRICE].sum():.6f} {content.sum()}"
    return "wine-" + hashlib.sha256(identity.encode()).hexdigest()[:16]


def _runner(settings: FlowSettings) -> TaskRunner[Any]:
    if settings.dask_address is None:
        return ThreadPoolTaskRunner(max_workers=1)
    # Imported where it is asked for: the group `dask` need not be installed.
    from prefect_dask.task_runners import DaskTaskRunner  # noqa: PLC0415

    runner: TaskRunner[Any] = DaskTaskRunner(address=settings.dask_address)
    return runner
