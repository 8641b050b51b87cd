from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from pricing.errors import ArtefactError
from pricing.model.boosted_trees import Trees
from pricing.model.lightgbm_library import load_lightgbm
from pricing.training.lightgbm_fit import BoostingParams, fit_trees
from pricing.training.ridge import fit_ridge

PARAMS = BoostingParams(rounds=40, learning_rate=0.1, leaves=15, inputs_per_tree=0.8, rows_per_leaf=5, seed=1)


@pytest.fixture(scope="module")
def inputs() -> np.ndarray:
    made = np.random.default_rng(0).normal(size=(600, 7))
    made[::5, 2] = np.nan
    return made


@pytest.fixture(scope="module")
def text(inputs: np.ndarray) -> str:
    target = np.nan_to_num(inputs[:, 2]) * inputs[:, 0] + inputs[:, 1]
    return fit_trees(inputs.astype(np.float32), target, PARAMS)


def test_trees_say_what_lightgbms_own_booster_says(inputs: np.ndarray, text: str) -> None:
    load_lightgbm()  # with the runtime that the package alone would ask the system for
    import lightgbm  # noqa: PLC0415

    expected = lightgbm.Booster(model_str=text).predict(inputs)
    trees = Trees(text)
    assert trees.width == inputs.shape[1]
    assert np.abs(trees.predict(inputs) - expected).max() < 1e-12
    for row, one in zip(inputs[:100], expected, strict=False):
        trees.row[:] = row
        assert trees.predict_row() == pytest.approx(one, abs=1e-12)


def test_equal_seeds_grow_equal_trees(inputs: np.ndarray, text: str) -> None:
    target = np.nan_to_num(inputs[:, 2]) * inputs[:, 0] + inputs[:, 1]
    assert fit_trees(inputs.astype(np.float32), target, PARAMS) == text


@pytest.mark.parametrize("bad", ["", "tree\nnonsense", "not a model"])
def test_what_is_no_model_is_refused(bad: str) -> None:
    with pytest.raises(ArtefactError, match="Train again"):
        Trees(bad)


def test_ridge_is_the_closed_form() -> None:
    rng = np.random.default_rng(1)
    inputs = sparse.random_array((200, 12), density=0.4, rng=rng, format="csr")
    target = np.asarray(inputs @ rng.normal(size=12)).ravel() + rng.normal(0, 0.1, 200) + 3.0
    share = rng.choice([0.5, 1.0], 200)
    weights, intercept = fit_ridge(sparse.csr_matrix(inputs), target, share, 2.0)
    dense = np.column_stack([inputs.toarray(), np.ones(200)])
    penalty = np.diag([2.0] * 12 + [0.0])
    weighted = dense.T * share
    expected = np.linalg.solve(weighted @ dense + penalty, weighted @ target)
    assert np.allclose([*weights, intercept], expected, atol=5e-3)
