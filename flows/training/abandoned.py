"""MLflow runs whose flow died before closing them."""

from __future__ import annotations

from uuid import UUID

from mlflow.entities import Run
from prefect.client.orchestration import get_client
from prefect.exceptions import ObjectNotFound

from flows.orchestration.runs import flow_run_id
from flows.registry.experiments import FLOW_RUN
from flows.training.experiment import Experiment


def close_abandoned_runs(experiment: Experiment) -> int:
    """Close the unfinished MLflow runs of flow runs that have ended; the number of runs closed.

    A run of this very flow run is left over from an earlier attempt, and closed too.
    """
    dead = [run for run in experiment.unfinished() if _is_dead(run)]
    for run in dead:
        experiment.abandon(run)
    return len(dead)


def _is_dead(run: Run) -> bool:
    owner = run.data.tags[FLOW_RUN]
    if owner == flow_run_id():
        return True
    with get_client(sync_client=True) as client:
        try:
            state = client.read_flow_run(UUID(owner)).state
        except (ObjectNotFound, ValueError):
            return True
    return state is not None and state.is_final()
