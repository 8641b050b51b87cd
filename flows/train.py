"""The flow `train`: reviews in, a registered candidate with its card out."""

from __future__ import annotations

import os
from typing import Annotated, Any

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import Field

from flows.orchestration.endings import close_in_mlflow
from flows.orchestration.parameters import ColumnNames, Extras
from flows.orchestration.runs import name_of_file, named
from flows.training.request import TrainRequest
from pricing.estimators.names import WINE


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
    # Imported when it runs: `prefect deploy` imports this file to know the form, and nothing else.
    from flows.training import train_run  # noqa: PLC0415

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
    return train_run.run(request)
