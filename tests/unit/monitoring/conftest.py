"""What the tests of monitoring share: a watch over a market that is known exactly."""

from __future__ import annotations

import numpy as np
import pytest

from flows.data.reference import Reference
from flows.monitoring.checks import Watch
from flows.monitoring.verdict import Thresholds
from tests.unit.monitoring.market import KnownModel, make_wines


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20_260_101)


@pytest.fixture(scope="session")
def reference() -> Reference:
    return Reference(train=make_wines(2_000, seed=1), holdout=make_wines(1_000, seed=2))


@pytest.fixture
def watch(reference: Reference, rng: np.random.Generator) -> Watch:
    return Watch(reference, KnownModel(), Thresholds(), rng)
