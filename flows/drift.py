"""The flow `drift`: whether the model in production still sees the world it was trained on."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Final

from prefect import State, flow
from pydantic import Field

from flows.monitoring.request import DriftRequest
from flows.monitoring.verdict import Thresholds
from flows.orchestration.endings import close_in_mlflow
from flows.orchestration.parameters import AtLeastOne, Positive, Share
from flows.orchestration.runs import in_utc, named

SAMPLE_ROWS: Final = 20_000


@flow(
    name="drift",
    description="Compares present requests, answers and prices with the production model's reference.",
    flow_run_name=named("drift {until}", until=lambda until: f"{in_utc(until):%Y-%m-%d}"),
    on_cancellation=[close_in_mlflow],
    on_crashed=[close_in_mlflow],
)
def drift(
    *,
    window_days: Annotated[float, Field(gt=0, le=3650)] = 7.0,
    until: datetime | None = None,
    labelled: str | None = None,
    threshold: Annotated[float, Field(gt=0, lt=10)] | None = None,
    moved_share: Share = Thresholds.moved_share,
    price_level: Positive = Thresholds.price_level,
    min_rows: AtLeastOne = Thresholds.min_rows,
    sample_rows: AtLeastOne = SAMPLE_ROWS,
    report: bool = True,
) -> State[Any]:
    """Look at a window of the log, and say whether anything has moved. Drift ends the run as Failed.

    Args:
        window_days: Length of the window of the log, in days: above 0, at most 3,650.
        until: End of the window; now when empty. A time without a zone is UTC.
        labelled: File of reviews with prices; winemag-test.csv of ARTIFACT_DATA when empty.
        threshold: Growth of the error that is drift: 0.1 is 10 %; above 0, below 10. DRIFT_THRESHOLD when
            empty.
        moved_share: Share of requests that must have moved to be drift: above 0, at most 1.
        price_level: Change of the level of prices (natural log) that is drift, above 0.
        min_rows: With fewer rows the verdict is "not enough data"; at least 1.
        sample_rows: Most rows of the log that are looked at, at least 1.
        report: Make the detailed report (HTML, in MLflow).
    """
    # Imported when it runs: `prefect deploy` imports this file to know the form, and nothing else.
    from flows.monitoring import drift_run  # noqa: PLC0415

    end = in_utc(until)
    request = DriftRequest(
        start=end - timedelta(days=window_days),
        end=end,
        labelled=labelled,
        threshold=threshold,
        moved_share=moved_share,
        price_level=price_level,
        min_rows=min_rows,
        sample_rows=sample_rows,
        report=report,
    )
    return drift_run.run(request)
