"""Experiments of MLflow: found, made or restored, whoever else does the same at this moment; and links."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Final

from mlflow import MlflowClient
from mlflow.entities import LifecycleStage, Run
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import RESOURCE_ALREADY_EXISTS, ErrorCode

FLOW_RUN: Final = "prefect.flow_run_id"
"""Tag of an MLflow run: the flow run that opened it."""

_NOTE: Final = "mlflow.note.content"
_RUNNING: Final = "attributes.status = 'RUNNING'"
_PAGE: Final = "workflowType=machine_learning"
"""Without it MLflow's pages open in the workspace for language models, where runs look empty."""


def experiment_id(client: MlflowClient, name: str, note: str) -> str:
    """Id of the experiment; one that was deleted in MLflow's pages is restored with its runs."""
    found = client.get_experiment_by_name(name)
    if found is None:
        return _made(client, name, note)
    if found.lifecycle_stage == LifecycleStage.DELETED:
        client.restore_experiment(found.experiment_id)
    return str(found.experiment_id)


def close_runs(client: MlflowClient, experiments: Sequence[str], flow_run_id: str, status: str) -> int:
    """Close what a flow run left open in these experiments (names); how many runs."""
    found = [client.get_experiment_by_name(name) for name in experiments]
    ids = [each.experiment_id for each in found if each and each.lifecycle_stage == LifecycleStage.ACTIVE]
    if not ids:
        return 0
    runs = client.search_runs(ids, f"{_RUNNING} and tags.`{FLOW_RUN}` = '{flow_run_id}'")
    for run in runs:
        client.set_terminated(run.info.run_id, status)
    return len(runs)


class ClosedRun(AbstractContextManager[Run]):
    """A run that ends FINISHED, FAILED when the body raises, KILLED when it is interrupted."""

    def __init__(self, client: MlflowClient, run: Run) -> None:
        self._client = client
        self._run = run

    def __enter__(self) -> Run:
        return self._run

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        status = "FINISHED" if kind is None else "FAILED" if issubclass(kind, Exception) else "KILLED"
        self._client.set_terminated(self._run.info.run_id, status)


def run_link(tracker: str, run: Run, artifact: str | None = None) -> str:
    """Address of a run's page, or of one of its files there."""
    path = f"experiments/{run.info.experiment_id}/runs/{run.info.run_id}"
    file = f"/artifacts/{artifact}" if artifact else ""
    return f"{tracker}/#/{path}{file}?{_PAGE}"


def _made(client: MlflowClient, name: str, note: str) -> str:
    try:
        made: str = client.create_experiment(name, tags={_NOTE: note})
    except MlflowException as error:
        if error.error_code != ErrorCode.Name(RESOURCE_ALREADY_EXISTS):
            raise
        found = client.get_experiment_by_name(name)  # another run made it between the look and this
        if found is None:
            raise
        return str(found.experiment_id)
    return made
