"""The flow run that is running: its identity."""

from __future__ import annotations

import uuid
from typing import Final

from prefect.runtime import flow_run

_OUTSIDE: Final = uuid.UUID(int=0)


def flow_run_id() -> str:
    """The id of this run; zeros outside of a run."""
    return str(flow_run.get_id() or _OUTSIDE)


def flow_run_name() -> str:
    return str(flow_run.get_name() or "outside of a flow run")
