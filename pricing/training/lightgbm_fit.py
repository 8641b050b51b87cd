"""Fitting gradient-boosted trees with LightGBM."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from pricing.arrays import Floats
from pricing.model.lightgbm_library import load_lightgbm

_COMMON: Final = {
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "max_bin": 127,
    "verbose": -1,
    "deterministic": True,
    "num_threads": 1,  # fits run side by side instead: threads inside one wait for each other
    "force_row_wise": True,
}


@dataclass(frozen=True, slots=True)
class BoostingParams:
    """Number of trees, learning rate, leaves per tree, share of the inputs per tree, rows per leaf; `penalty`
    of the squares of what leaves add.
    """

    rounds: int
    learning_rate: float
    leaves: int
    inputs_per_tree: float
    rows_per_leaf: int
    seed: int
    penalty: float = 5.0
    rising: tuple[int, ...] = ()
    """Inputs whose increase never lowers the prediction."""


def fit_trees(
    inputs: npt.NDArray[np.float32], target: Floats, params: BoostingParams, weights: Floats | None = None
) -> str:
    """Fit trees to `target` (n,) from inputs (n, m) in rows of `weights` (n,), and give the model's text."""
    load_lightgbm()  # with the runtime that the package below would ask the system for
    import lightgbm  # noqa: PLC0415 (only fitting needs it, and it costs 60 MB)

    settings = {
        **_COMMON,
        "learning_rate": params.learning_rate,
        "num_leaves": params.leaves,
        "feature_fraction": params.inputs_per_tree,
        "min_data_in_leaf": params.rows_per_leaf,
        "seed": params.seed,
        "lambda_l2": params.penalty,
        **_constraints(params.rising, inputs.shape[1]),
    }
    booster = lightgbm.train(
        settings, lightgbm.Dataset(inputs, target, weight=weights), num_boost_round=params.rounds
    )
    return str(booster.model_to_string())


def _constraints(rising: tuple[int, ...], width: int) -> dict[str, list[int]]:
    return {"monotone_constraints": [int(column in rising) for column in range(width)]} if rising else {}
