"""The flow `archive`: old predictions leave the database for Parquet files, so that a small one lasts."""

from __future__ import annotations

from typing import Annotated, Any, Final

from prefect import State, flow
from pydantic import Field

from flows.orchestration.runs import named

LEAST_DAYS: Final = 60
"""Drift looks back a month; what is younger than two stays."""


@flow(
    name="archive",
    description="Moves old predictions from the database to Parquet files.",
    flow_run_name=named("archive {today}"),
)
def archive(
    *,
    keep_days: Annotated[int, Field(json_schema_extra={"minimum": LEAST_DAYS})] = 180,
    archive_uri: str | None = None,
) -> State[Any]:
    """Move old predictions to Parquet files, a file a day.

    Predictions whose real price is known stay: models train on them. Where no archive or no database is set,
    nothing is done. Killed anywhere and run again, it leaves what one clean run leaves.

    Args:
        keep_days: Days of predictions that stay in the database: at least 60, which drift looks at.
        archive_uri: Folder of the files: s3://…, file://… or a path. ARCHIVE_URI when empty.
    """
    # Imported when it runs: `prefect deploy` imports this file to know the form, and nothing else.
    from flows.archiving import archive_run  # noqa: PLC0415

    return archive_run.run(keep_days, archive_uri, least_days=LEAST_DAYS)
