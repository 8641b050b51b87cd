"""The flow `train`: reviews in, a registered candidate with its card out."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Annotated, Any

from mlflow import MlflowClient
from mlflow.entities import Run
from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed
from pydantic import Field

from flows.data.datasets import Dataset, PreparedWines
from flows.orchestration import artifacts, events, failures
from flows.orchestration.endings import close_in_mlflow
from flows.orchestration.parameters import ColumnNames
from flows.orchestration.runs import flow_run_id, flow_run_name, name_of_file, named
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
from flows.training.request import Extras, TrainRequest
from pricing.estimators.factory import WINE


def _on(data_uri: str | None) -> str:
    return f"on {name_of_file(data_uri or os.environ.get('ARTIFACT_DATA') or 'no data')}"


def _because(reason: str) -> str:
    return f": {reason}" if reason else ""


@flow(
    name="train",
    description="Trains a price model on the reviews and registers it as a candidate.",
    flow_run_name=named("train {data_uri}{reason}", data_uri=_on, reason=_because),
    on_cancellation=[close_in_mlflow],
    on_crashed=[close_in_mlflow],
)
def train(
    *,
    data_uri: str | None = None,
    columns: ColumnNames | None = None,
    estimator: str = WINE,
    tune: bool = False,
    budget: Annotated[int, Field(ge=1, le=10_000)] = 20,
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0,
    extras: Extras = "auto",
    reason: str = "",
    triggered_by: str = "person",
    force: bool = False,
) -> State[Any]:
    """Train a model and register it with the alias `ready_to_test`.

    Args:
        data_uri: Folder with winemag-train.csv and winemag-test.csv: s3://…, file://… or a path on the
            worker's host. ARTIFACT_DATA when empty.
        columns: Field of each column whose name is another, as JSON: {"Pays": "country"}.
        estimator: "wine", "baseline", or a factory of yours, such as my_team.models:boosted.
        tune: Search hyper-parameters of the estimator "wine" first.
        budget: Finished trials of that search, 1 to 10,000.
        seed: Random seed, 0 to 4,294,967,295; the same seed and data give the same model.
        extras: Further fits, for the learning curve and unseen producers. "auto": where a fit takes at most
            5 s. "always": also three that tell the gate how much trainings vary. "never": none.
        reason: Why you train; shown in the run's name and recorded with the model.
        triggered_by: Who starts it; recorded with the model. "drift" trains only if there is something new.
        force: Train although triggered_by is "drift" and nothing is new.
    """
    failures.tell_once()
    try:
        request = TrainRequest(
            data_uri=data_uri,
            columns=columns,
            estimator=estimator,
            tune=tune,
            budget=budget,
            seed=seed,
            extras=extras,
            reason=reason,
            triggered_by=triggered_by,
            force=force,
        )
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
