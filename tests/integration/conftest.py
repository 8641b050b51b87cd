"""Servers that the integration tests share, started once and together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.integration.servers import mlflow_server, prefect_server, wait_until_healthy


@dataclass(frozen=True)
class Servers:
    """Addresses of a running MLflow server and of a running Prefect API."""

    mlflow: str
    prefect: str


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    folder = tmp_path_factory.mktemp("servers")
    with mlflow_server(folder) as tracker, prefect_server(folder) as orchestrator:
        wait_until_healthy(f"{tracker[0]}/health", *tracker[1:])
        wait_until_healthy(f"{orchestrator[0]}/health", *orchestrator[1:])
        yield Servers(mlflow=tracker[0], prefect=orchestrator[0])
