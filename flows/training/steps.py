"""The steps of `train`, each a task that shows in the Prefect UI."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pandas as pd
from mlflow import MlflowClient
from mlflow.entities import Run
from mlflow.entities.model_registry import ModelVersion
from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE

from flows.data.datasets import Dataset, PreparedWines, prepare, read_dataset
from flows.data.price_level import NetOfLevel
from flows.orchestration.retries import IO
from flows.orchestration.runs import flow_run_id
from flows.registry import wine_flavor
from flows.registry.model_registry import Registry
from flows.settings import FlowSettings
from flows.training import outputs
from flows.training.added_value import added_to_baseline
from flows.training.estimators import EstimatorConfig
from flows.training.experiment import log_figures, log_files, slice_metrics
from flows.training.extended_evaluation import learning_curve, training_noise, unseen_wineries
from flows.training.feedback import Feedback, gather
from flows.training.outcome import Fitted, Outcome
from flows.training.reports.description import version_description
from flows.training.reports.model_card import CardFigures
from flows.training.reports.plots import Picture, plots
from flows.training.request import TrainRequest
from pricing.data.records import records_of
from pricing.estimators.names import WINE
from pricing.evaluation.behaviour import check_behaviour
from pricing.evaluation.importance import importance
from pricing.evaluation.metrics import evaluate
from pricing.wine.schema import PRICE

QUICK_FIT_SECONDS: Final = 5.0
"""`extras="auto"` spends further fits when one takes no longer than this."""

CHECKED_WINES: Final = 100


@task(name="read-data", cache_policy=NO_CACHE, timeout_seconds=3600, **IO)
def read(folder: str, columns: Mapping[str, str] | None = None) -> Dataset:
    """Read and validate the files of the data folder."""
    return read_dataset(folder, columns)


@task(name="read-feedback", cache_policy=NO_CACHE)
def read_feedback(settings: FlowSettings, registry: Registry, request: TrainRequest) -> Feedback:
    """Trusted feedback; a remark in the log when the database does not answer."""
    feedback = gather(settings, registry, request, datetime.now(UTC))
    if feedback.note:
        get_run_logger().warning("%s", feedback.note)
    return feedback


@task(name="prepare-wines", cache_policy=NO_CACHE)
def prepare_wines(dataset: Dataset, feedback: Feedback) -> PreparedWines:
    """Clean, join the feedback, keep training and test wines apart."""
    return prepare(dataset, feedback.wines, price_level=feedback.level)


@task(name="fit", cache_policy=NO_CACHE)
def fit_model(wines: pd.DataFrame, config: EstimatorConfig, seed: int) -> Fitted:
    """Fit on the training wines; a team's estimator is first tried on a few of them."""
    config.check(wines, seed=seed)
    started = time.perf_counter()
    estimator = config.fit(wines, seed=seed)
    return Fitted(estimator, config, time.perf_counter() - started)


@task(name="evaluate", cache_policy=NO_CACHE)
def evaluate_model(fitted: Fitted, wines: PreparedWines, request: TrainRequest) -> CardFigures:
    """Everything that the card says about the model's quality."""
    scorer = fitted.estimator.scorer()
    net = NetOfLevel(fitted.estimator, wines.price_level)
    evaluation = evaluate(net, wines.test, seed=request.seed)
    prices = wines.train[PRICE]
    checks = check_behaviour(
        scorer,
        records_of(wines.test.head(CHECKED_WINES)),
        price_range=(float(prices.min()), float(prices.max())),
    )
    figures = CardFigures(
        evaluation=evaluation,
        checks=checks,
        importance=importance(net, wines.test, seed=request.seed),
        coverage=scorer.coverage,
        estimator=fitted.config.name,
        baseline=_baseline(fitted, wines, request),
    )
    return _with_extras(figures, fitted, wines, request)


def _with_extras(
    figures: CardFigures, fitted: Fitted, wines: PreparedWines, request: TrainRequest
) -> CardFigures:
    quick = fitted.seconds <= QUICK_FIT_SECONDS
    if request.extras == "never" or (request.extras == "auto" and not quick):
        return figures
    config = fitted.config
    curve = learning_curve(wines.train, wines.test, config, seed=request.seed, price_level=wines.price_level)
    noise = training_noise(wines, config, seed=request.seed) if request.extras == "always" else None
    return replace(
        figures,
        unseen_wineries=unseen_wineries(wines.train, config, seed=request.seed),
        learning_curve={**curve, len(wines.train): figures.evaluation.overall.rmse_log},
        training_noise=noise,
    )


def _baseline(fitted: Fitted, wines: PreparedWines, request: TrainRequest) -> Mapping[str, Any] | None:
    """What `wine` adds to the baseline; None for other estimators, and where no extra fit is wanted."""
    if fitted.config.name != WINE or request.extras == "never":
        return None
    return added_to_baseline(fitted.estimator, wines, seconds=fitted.seconds, seed=request.seed)


@task(name="record", cache_policy=NO_CACHE)
def record(client: MlflowClient, run: Run, outcome: Outcome) -> tuple[Picture, ...]:
    """Log the figures and files of the run; its pictures."""
    pictures = tuple(plots(outcome.figures, outcome.wines.test))
    log_figures(
        client,
        run.info.run_id,
        metrics={
            **outcome.card["metrics"],
            **slice_metrics(outcome.figures.evaluation),
            "fit_seconds": outcome.fitted.seconds,
        },
        params=outputs.run_params(outcome.fitted),
        tags=outputs.material_tags(outcome),
    )
    files = outputs.run_files(outcome, pictures)
    with tempfile.TemporaryDirectory() as folder:
        log_files(client, run.info.run_id, files, Path(folder))
    return pictures


@task(name="register", cache_policy=NO_CACHE)
def register(registry: Registry, run: Run, outcome: Outcome) -> ModelVersion:
    """Log the model and register it: version and tags first, the alias last."""
    run_id = run.info.run_id
    info = wine_flavor.log_model(
        outcome.fitted.estimator, run_id=run_id, example=outcome.wines.test, card=outcome.card
    )
    return registry.register(
        source=f"models:/{info.model_id}",
        run_id=run_id,
        model_id=info.model_id,
        flow_run_id=flow_run_id(),
        tags=outputs.version_tags(outcome, info.metadata or {}),
        description=version_description(outcome.card, registry.name),
    )
