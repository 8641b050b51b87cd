"""The flow `rollback`: production goes back to the version before, and why is written down."""

from __future__ import annotations

from typing import Annotated, Any

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import Field

from flows.orchestration.runs import named


@flow(
    name="rollback",
    description="Puts the previous production version back, with a reason.",
    flow_run_name=named("rollback: {reason}"),
)
def rollback(*, reason: Annotated[str, Field(min_length=1, max_length=1000, pattern=r"\S")]) -> State[Any]:
    """Put the version under the alias `previous` back into production.

    Args:
        reason: Why the version in production is taken back, in at most 1,000 characters; recorded with it.
    """
    # Imported when it runs: `prefect deploy` imports this file to know the form, and nothing else.
    from flows.registry import rollback_run  # noqa: PLC0415

    return rollback_run.run(reason)
