"""The flow `promote`: tests a candidate against production, and moves the aliases or says why not."""

from __future__ import annotations

from typing import Annotated, Any

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import Field

from flows.orchestration.runs import named

Version = Annotated[str, Field(pattern=r"^[0-9]+$", examples=["7"])]


def _candidate(number: str | None) -> str:
    return f"version {number}" if number else "the candidate"


@flow(
    name="promote",
    description="Tests the candidate and puts it into production if it is good enough.",
    flow_run_name=named("promote {model_version}", model_version=_candidate),
)
def promote(
    *,
    train_flow_run_id: str | None = None,
    model_version: Version | None = None,
    allow_synthetic: bool = False,
) -> State[Any]:
    """Test a candidate and promote it.

    A rejected candidate ends the run as Failed, its aliases untouched.

    Args:
        train_flow_run_id: Test the version that this run of train registered: its flow run id.
        model_version: Test this version, such as 7. With neither, the one under the alias ready_to_test.
        allow_synthetic: Let a model trained on synthetic reviews replace one trained on real ones.
    """
    # Imported when it runs: `prefect deploy` imports this file to know the form, and nothing else.
    from flows.gate import promote_run  # noqa: PLC0415

    return promote_run.run(train_flow_run_id, model_version, allow_synthetic=allow_synthetic)
