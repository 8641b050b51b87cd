"""Two workers on one pool, on PostgreSQL: each run is taken once, and both take some."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmarks.bench_workers import deploy, measure, server
from tests.integration.tracker.cluster import BINARIES

pytestmark = pytest.mark.integration


def test_two_workers_share_the_runs_of_a_pool(tmp_path: Path) -> None:
    if not BINARIES:
        reason = "PostgreSQL is not installed: apt-get install postgresql"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    with server(tmp_path) as api:
        deploy(api, tmp_path)
        result = measure(api, tmp_path, 2, runs=4, wait=3)
    assert sum(result.shares) == 4
    assert all(result.shares)
