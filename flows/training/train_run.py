"""What a run of `train` does, from the data folder to the registered candidate."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Any

from mlflow import MlflowClient
from mlflow.entities import Run
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.data.datasets import Dataset, PreparedWines
from flows.orchestration import artifacts, events, failures
from flows.orchestration.runs import flow_run_id, flow_run_name
from flows.registry import contract, tracker
from flows.registry.experiments import FLOW_RUN
from flows.registry.model_registry import Registry
from flows.registry.provenance import git_commit
from flows.settings import FlowSettings
from flows.training import steps
from flows.training.abandoned import close_abandoned_runs
from flows.training.debounce import debounced
from flows.training.estimators import EstimatorConfig
from flows.training.experiment import Experiment, log_data
from flows.training.outcome import Outcome
from flows.training.reports.data_profile import data_profile
from flows.training.reports.model_card import model_card
from flows.training.reports.summary import event_payload, report_markdown
from flows.training.reports.validation import validation_markdown
from flows.training.request import TrainRequest


def run(request: TrainRequest) -> State[Any]:
    """Train, evaluate and register a model."""
    failures.tell_once()
    try:
        request.check()
        return _train(FlowSettings.from_env(os.environ), request)
    except failures.HANDLED as error:
        return failures.failed(error)


def _train(settings: FlowSettings, request: TrainRequest) -> State[Any]:
    client = tracker.connect(settings)
    experiment, registry = Experiment(client), Registry(client)
    close_abandoned_runs(experiment)
    progress = artifacts.Progress.start("Reading the data")
    dataset = steps.read(settings.data_folder(request.data_uri), request.columns)
    feedback = steps.read_feedback(settings, registry, request)
    decision = debounced(registry, request, dataset, feedback)
    if not decision.train:
        return Completed(name="Skipped", message=f"Not trained: {decision.why}.")
    wines = steps.prepare_wines(dataset, feedback)
    text = f"{validation_markdown(dataset, wines, feedback.remarks())}\n{data_profile(wines.train)}"
    artifacts.show(artifacts.DATA_KEY, text, description="Data of the run")
    with experiment.run(flow_run_name(), _run_tags(settings, request, dataset)) as run:
        log_data(client, run.info.run_id, dataset)
        progress.at(10, "Looking for hyper-parameters" if request.tune else "Fitting")
        params = _tuned(settings, client, run, wines, request) if request.tune else {}
        fitted = steps.fit_model(wines.train, EstimatorConfig(request.estimator, params), request.seed)
        progress.at(50, "Evaluating")
        figures = steps.evaluate_model(fitted, wines, request)
        progress.at(80, "Writing the card and the model")
        commit = git_commit(settings.git_commit)
        card = model_card(dataset, wines, figures, trained_at=datetime.now(UTC), git_commit=commit)
        outcome = Outcome(dataset, feedback, wines, fitted, figures, card)
        pictures = steps.record(client, run, outcome)
        version = steps.register(registry, run, outcome)
    progress.at(100, f"Registered version {version.version}")
    text = report_markdown(settings, run, version, card, pictures)
    artifacts.show(artifacts.REPORT_KEY, text, description=f"Model card of version {version.version}")
    events.emit("wine.model.registered", version=version.version, payload=event_payload(card, request))
    return Completed(message=f"Registered version {version.version} of {registry.name}: ready to test.")


def _tuned(
    settings: FlowSettings, client: MlflowClient, run: Run, wines: PreparedWines, request: TrainRequest
) -> dict[str, Any]:
    # Imported where it is asked for: the search's libraries cost a second.
    from flows.training.tuning import tuned  # noqa: PLC0415

    return tuned(settings, client, run, wines.train, request)


def _run_tags(settings: FlowSettings, request: TrainRequest, dataset: Dataset) -> dict[str, str]:
    return {
        FLOW_RUN: flow_run_id(),
        contract.ESTIMATOR_TAG: request.estimator,
        contract.DATA_URI_TAG: dataset.uri,
        contract.DATA_SHA256_TAG: dataset.sha256,
        contract.SYNTHETIC_TAG: str(dataset.synthetic).lower(),
        "git_commit": git_commit(settings.git_commit),
        "reason": request.reason,
        "triggered_by": request.triggered_by,
    }
