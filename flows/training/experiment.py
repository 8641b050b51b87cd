"""The MLflow run of a training: opened, filled, and closed as what it became."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from mlflow import MlflowClient
from mlflow.entities import Dataset as DatasetEntity
from mlflow.entities import DatasetInput, InputTag, Metric, Param, Run, RunTag, ViewType

from flows.data.datasets import Dataset
from flows.registry.experiments import FLOW_RUN, ClosedRun, experiment_id
from flows.settings import EXPERIMENT
from pricing.evaluation.metrics import REQUEST, Evaluation

_NOTE: Final = "Trainings of the price model: one run each, with its data, figures, card and model."
_NOT_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9_\-. :/]")
_SLICE_METRICS: Final = ("rmse_log", "median_ape", "coverage", "width")
_ACTIVE: Final = "RUNNING"


class Experiment:
    """The runs of `Wine_Price_Regression`."""

    def __init__(self, client: MlflowClient) -> None:
        self.client = client
        self.id = experiment_id(client, EXPERIMENT, _NOTE)

    def run(self, name: str, tags: Mapping[str, str]) -> ClosedRun:
        """A new run, which ends as the block does."""
        return ClosedRun(self.client, self.client.create_run(self.id, run_name=name, tags=dict(tags)))

    def unfinished(self) -> list[Run]:
        """Runs that a train flow opened and has not closed."""
        found = self.client.search_runs(
            [self.id], f"attributes.status = '{_ACTIVE}'", ViewType.ACTIVE_ONLY, max_results=100
        )
        return [run for run in found if FLOW_RUN in run.data.tags]

    def abandon(self, run: Run) -> None:
        """Close a run whose flow died: it left no version."""
        self.client.set_tag(run.info.run_id, "abandoned", "its flow run ended without closing it")
        self.client.set_terminated(run.info.run_id, "KILLED")


def log_data(client: MlflowClient, run_id: str, dataset: Dataset) -> None:
    """Both files as inputs of the run: where they were, their content's hash and their rows."""
    inputs = [
        DatasetInput(
            dataset=DatasetEntity(
                name=file.report.name,
                digest=file.sha256[:36],
                source_type="s3" if file.uri.startswith("s3") else "local",
                source=json.dumps({"uri": file.uri}),
                profile=json.dumps({"num_rows": file.report.rows, "sha256": file.sha256}),
            ),
            tags=[InputTag("mlflow.data.context", context)],
        )
        for file, context in ((dataset.train, "training"), (dataset.test, "testing"))
    ]
    client.log_inputs(run_id, inputs)


def log_figures(
    client: MlflowClient,
    run_id: str,
    *,
    metrics: Mapping[str, float | None],
    params: Mapping[str, Any],
    tags: Mapping[str, str],
) -> None:
    """Metrics, parameters and tags of the run in one request."""
    now = time.time_ns() // 1_000_000
    client.log_batch(
        run_id,
        metrics=[Metric(name, value, now, 0) for name, value in metrics.items() if value is not None],
        params=[Param(name, str(value)) for name, value in params.items()],
        tags=[RunTag(name, value) for name, value in tags.items()],
    )


def slice_metrics(evaluation: Evaluation) -> dict[str, float]:
    """Metrics of every slice under names that MLflow accepts, such as `slice/country/US/rmse_log`.

    Those of the kinds of requests are in the card alone.
    """
    figures = {}
    for part in evaluation.slices:
        if part.slice == REQUEST:
            continue
        prefix = _NOT_IN_NAMES.sub("", f"slice/{part.slice}/{part.group}")
        figures.update({f"{prefix}/{name}": getattr(part.metrics, name) for name in _SLICE_METRICS})
    return figures


def log_files(client: MlflowClient, run_id: str, files: Mapping[str, bytes | str], folder: Path) -> None:
    """Artifacts by their path in the run, written to `folder` first and sent together."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    client.log_artifacts(run_id, str(folder))
