"""A Prefect server on PostgreSQL, as the host has it. Its own: other tests look at where deployments run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.bench_workers import server
from deployments.prefect_api import PrefectApi
from tests.integration.tracker.cluster import BINARIES


@pytest.fixture(scope="package")
def orchestrator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[PrefectApi, Path]]:
    """Its API, and the folder that it keeps its files in."""
    if not BINARIES:
        reason = "PostgreSQL is not installed: apt-get install postgresql"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    folder = tmp_path_factory.mktemp("prefect")
    with server(folder) as api:
        yield api, folder
