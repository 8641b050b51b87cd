"""What a flow run leaves behind when a person cancels it, or its process dies: closed runs in MLflow."""

from __future__ import annotations

import os
from typing import Any, Final

from prefect import get_run_logger

from flows.settings import EXPERIMENT, FlowSettings

EXPERIMENTS: Final = (EXPERIMENT, "Wine_Price_Drift")


def close_in_mlflow(flow: Any, flow_run: Any, state: Any) -> None:  # noqa: ANN401, ARG001 - a hook
    """Close the MLflow runs of a flow run that was cancelled or crashed; run by its worker."""
    # Imported when it runs: to know a flow's form, Prefect imports this file too.
    from flows.orchestration.failures import HANDLED, explained  # noqa: PLC0415
    from flows.registry import tracker  # noqa: PLC0415
    from flows.registry.experiments import close_runs  # noqa: PLC0415

    try:
        client = tracker.connect(FlowSettings.from_env(os.environ))
        close_runs(client, EXPERIMENTS, str(flow_run.id), "KILLED")
    except HANDLED as error:
        get_run_logger().warning("Its runs in MLflow stay open. %s", explained(error))
