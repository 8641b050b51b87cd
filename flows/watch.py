"""The flow `watch`: what nobody else reports, turned into events that alerts hang on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from prefect import State, flow

from flows.orchestration.parameters import AtLeastOne, Positive
from flows.orchestration.runs import named
from flows.watching.service_health import Patience


@flow(
    name="watch",
    description="Looks after the service's outbox and the age of the model in production.",
    flow_run_name=named("watch {today}"),
)
def watch(
    *,
    outbox_rows: AtLeastOne = Patience.outbox_rows,
    outbox_minutes: Positive = Patience.outbox_seconds / 60,
    stale_days: Positive = Patience.model_age / timedelta(days=1),
) -> State[Any]:
    """Emit `wine.service.unhealthy` and `wine.model.stale` where there is reason to.

    The service is the one at SERVING_URL; where that is not set, only the model's age is looked at.

    Args:
        outbox_rows: Answers that may wait in the service's outbox, at least 1.
        outbox_minutes: Minutes that the oldest of them may wait, above 0.
        stale_days: Days after which the model in production is old, above 0.
    """
    # Imported when it runs: `prefect deploy` imports this file to know the form, and nothing else.
    from flows.watching import watch_run  # noqa: PLC0415

    return watch_run.run(Patience(outbox_rows, outbox_minutes * 60, timedelta(days=stale_days)))
