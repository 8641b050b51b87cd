"""Trees that must rise with an input do, whatever chance put into the rows."""

from __future__ import annotations

import numpy as np

from pricing.model.boosted_trees import Trees
from pricing.training.lightgbm_fit import BoostingParams, fit_trees

RNG = np.random.default_rng(1)


def falls(rising: tuple[int, ...]) -> int:
    inputs = RNG.normal(size=(600, 3)).astype(np.float32)
    target = np.sin(3 * inputs[:, 0]) + RNG.normal(size=600)
    params = BoostingParams(40, 0.2, 15, 1.0, 5, seed=0, rising=rising)
    steps = np.zeros((200, 3), dtype=np.float32)
    steps[:, 0] = np.linspace(-2, 2, 200)
    return int((np.diff(Trees(fit_trees(inputs, target, params)).predict(steps)) < 0).sum())


def test_a_rising_input_never_lowers_the_prediction() -> None:
    assert falls(rising=()) > 0
    assert falls(rising=(0,)) == 0
