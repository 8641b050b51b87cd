"""Trees whose steps above a limit are taken out."""

from __future__ import annotations

import numpy as np
import pytest

from pricing.errors import PricingError
from pricing.model.boosted_trees import Trees
from pricing.training.lightgbm_fit import BoostingParams, fit_trees
from pricing.training.tree_text import without_steps_above

COLUMN, LIMIT = 2, 20


def wines(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Inputs (n, 4), of which one counts to 40 and matters most at 22, and a target (n,)."""
    rng = np.random.default_rng(seed)
    inputs = rng.normal(size=(2_000, 4)).astype(np.float32)
    inputs[:, COLUMN] = rng.integers(0, 40, len(inputs))
    counted = inputs[:, COLUMN]
    return inputs, inputs[:, 0] + np.where(counted > 22, 1.0, 0.0) + 0.05 * counted


@pytest.fixture(scope="module")
def text() -> str:
    params = BoostingParams(30, 0.2, 15, 1.0, 20, seed=0)
    return fit_trees(*wines(seed=0), params)


def test_values_above_the_limit_are_priced_as_the_limit(text: str) -> None:
    inputs, _ = wines(seed=1)
    limited = inputs.copy()
    limited[:, COLUMN] = np.minimum(inputs[:, COLUMN], LIMIT)
    changed = Trees(without_steps_above(text, COLUMN, LIMIT))
    assert np.array_equal(changed.predict(inputs), Trees(text).predict(limited))
    assert not np.allclose(changed.predict(inputs), Trees(text).predict(inputs))


def test_lightgbm_itself_reads_the_changed_text(text: str) -> None:
    import lightgbm  # noqa: PLC0415 - after its runtime has been loaded

    inputs, _ = wines(seed=1)
    changed = without_steps_above(text, COLUMN, LIMIT)
    assert np.allclose(
        lightgbm.Booster(model_str=changed).predict(inputs), Trees(changed).predict(inputs), atol=1e-12
    )


def test_a_tree_that_is_one_leaf_stays(text: str) -> None:
    inputs, _ = wines(seed=0)
    flat = fit_trees(inputs, np.ones(len(inputs)), BoostingParams(3, 0.1, 5, 1.0, 20, seed=0))
    assert Trees(without_steps_above(flat, COLUMN, LIMIT)).predict(inputs[:3]) == pytest.approx(1.0)


@pytest.mark.parametrize("broken", ["", "tree\nversion=v4\n", "Tree=0\n", "tree_sizes=5\n\nTrée=0\n"])
def test_another_layout_is_refused(broken: str) -> None:
    with pytest.raises(PricingError, match="not laid out as expected"):
        without_steps_above(broken, COLUMN, LIMIT)
