"""A steady client beside many that misbehave: `python -m benchmarks.bench_abuse` in short."""

from __future__ import annotations

import os

import pytest

from benchmarks.bench_abuse import BOUNDS, run

pytestmark = [pytest.mark.drill, pytest.mark.needs("postgresql")]

SECONDS = float(os.environ.get("DRILL_ABUSE_SECONDS", "20"))


def test_nobody_stalls_the_service() -> None:
    outcome = run(SECONDS)
    figures = outcome.figures()
    assert outcome.steady.failed == 0, outcome.steady.statuses
    assert outcome.missing_rows == 0
    assert figures["memory_mb"] <= BOUNDS["memory_mb"]
