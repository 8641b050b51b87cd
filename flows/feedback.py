"""The flow `feedback`: prices that a shop sends as a file, into the table of what wines really cost."""

from __future__ import annotations

from typing import Annotated, Any

from prefect import State, flow
from pydantic import Field

from flows.orchestration.parameters import ColumnNames, Uri
from flows.orchestration.runs import name_of_file, named


@flow(
    name="feedback",
    description="Reads in what wines really cost, from a CSV file with request_id and price.",
    flow_run_name=named("feedback from {prices_uri}", prices_uri=name_of_file),
)
def import_feedback(
    *,
    prices_uri: Uri,
    client: Annotated[str, Field(min_length=1, max_length=100)] = "import",
    columns: ColumnNames | None = None,
) -> State[Any]:
    """Add the prices of a CSV file to the feedback.

    A price that is there already stays as it was, so the same file can be read in twice. Prices for
    unknown requests are kept: the prediction may still be on its way.

    Args:
        prices_uri: CSV file with the columns request_id and price (USD): s3://…, file://… or a path on the
            worker's host. Semicolons, tabs, decimal commas and other encodings are recognised.
        client: Name of the shop that the prices come from, at most 100 characters.
        columns: Meaning of each column whose name is another, as JSON: {"Paid": "price"}.
    """
    # Imported when it runs: `prefect deploy` imports this file to know the form, and nothing else.
    from flows.data import feedback_run  # noqa: PLC0415

    return feedback_run.run(prices_uri, client, columns)
