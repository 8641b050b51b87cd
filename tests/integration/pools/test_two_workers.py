"""Two workers on one pool: each run is taken once, and both take some."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.bench_workers import deploy, measure
from deployments.prefect_api import PrefectApi

pytestmark = pytest.mark.integration


def test_two_workers_share_the_runs_of_a_pool(orchestrator: tuple[PrefectApi, Path]) -> None:
    api, folder = orchestrator
    deploy(api, folder)
    result = measure(api, folder, 2, runs=4, wait=3)
    assert sum(result.shares) == 4
    assert all(result.shares)
