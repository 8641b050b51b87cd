from __future__ import annotations

from pathlib import Path

from deployments.local.settings import StackSettings
from deployments.local.stack.started_with import as_started, remember


def test_who_looks_at_a_stack_finds_the_ports_that_it_was_started_with(tmp_path: Path) -> None:
    where = {"LOCAL_STATE": str(tmp_path)}
    assert as_started(where).serving_port == 7860
    remember(StackSettings.from_env({**where, "SERVING_PORT": "7999", "MLFLOW_PORT": "5999"}))
    found = as_started(where)
    assert (found.prefect_port, found.mlflow_port, found.serving_port) == (4200, 5999, 7999)
    assert as_started({**where, "SERVING_PORT": "8001"}).serving_port == 8001
