"""The flow `score`: a catalogue in, the same with prices out."""

from __future__ import annotations

from typing import Annotated, Any

from prefect import State, flow
from pydantic import Field

from flows.orchestration.parameters import ColumnNames, Uri
from flows.orchestration.runs import name_of_file, named
from flows.registry.contract import PRODUCTION


@flow(
    name="score",
    description="Prices a catalogue of wines, in parts, and goes on where a killed run stopped.",
    flow_run_name=named("score {catalogue_uri}", catalogue_uri=name_of_file),
)
def score(
    *,
    catalogue_uri: Uri,
    output_uri: Uri,
    columns: ColumnNames | None = None,
    model_alias: Annotated[str, Field(min_length=1)] = PRODUCTION,
    workers: Annotated[int, Field(ge=1, le=64)] = 2,
) -> State[Any]:
    """Add price, interval, expected error, model version and warnings to every wine of a catalogue.

    Rows that are no wines go to `<output>.bad.csv` with the reason. The output appears when it is
    complete, or not at all; a run that was killed goes on where it stopped.

    Args:
        catalogue_uri: The wines: CSV in any dialect (.csv, .tsv, .txt, also packed as .gz or .zip) or
            Parquet, as s3://…, file://… or a path on the worker's host.
        output_uri: Where the priced catalogue goes: .csv or .parquet. Never the catalogue itself.
        columns: Field of each column whose name is another, as JSON: {"Pays": "country"}.
        model_alias: Alias of the model version that prices: production, previous or ready_to_test.
        workers: Processes of this host that price, 1 to 64; with DASK_ADDRESS the cluster's workers do.
    """
    # Imported when it runs: `prefect deploy` imports this file to know the form, and nothing else.
    from flows.scoring import score_run  # noqa: PLC0415

    return score_run.run(catalogue_uri, output_uri, columns, model_alias, workers=workers)
