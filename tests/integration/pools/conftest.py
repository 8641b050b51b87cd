"""A Prefect server on PostgreSQL, as the host has it. Its own: other tests look at where deployments run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.bench_workers import server
from deployments.prefect_api import PrefectApi
from tests.programs import require


@pytest.fixture(scope="package")
def orchestrator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[PrefectApi, Path]]:
    """Its API, and the folder that it keeps its files in."""
    require("postgresql")
    folder = tmp_path_factory.mktemp("prefect")
    with server(folder) as api:
        yield api, folder
