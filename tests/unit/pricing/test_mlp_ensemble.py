"""Networks side by side price a wine alike in any company, and as the plain formula says."""

from __future__ import annotations

import numpy as np
import pytest

from pricing.model.mlp_ensemble import PARTS, STEP, Ensemble
from pricing.model.score_scale import SLOPES

COUNT, WIDTH, HIDDEN, LAST, NUMBERS = 3, 24, 16, 8, 5
SHAPES = {
    "first": (COUNT * WIDTH,),
    "numbers": (NUMBERS, COUNT, HIDDEN),
    "layer0": (COUNT, WIDTH, HIDDEN),
    "bias0": (COUNT, HIDDEN),
    "layer1": (COUNT, HIDDEN, LAST),
    "bias1": (COUNT, LAST),
    "layer2": (COUNT, LAST),
    "bias2": (),
    "roots": (COUNT, LAST, SLOPES),
    "roots_bias": (COUNT, SLOPES),
}
WINES = 64


@pytest.fixture
def ensemble() -> Ensemble:
    rng = np.random.default_rng(0)
    return Ensemble(**{name: rng.normal(0.0, 0.4, SHAPES[name]) for name in PARTS})


@pytest.fixture
def asked() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    return rng.normal(0.0, 2.0, (WINES, COUNT * WIDTH)), rng.normal(0.0, 1.0, (WINES, NUMBERS))


@pytest.mark.parametrize("size", [1, 2, 5, 16, 63])
def test_a_price_is_the_same_to_the_last_bit_in_any_company(ensemble: Ensemble, asked, size: int) -> None:
    summed, numbers = asked
    together = ensemble.price(summed, numbers)
    parts = [slice(start, start + size) for start in range(0, WINES, size)]
    assert np.concatenate([ensemble.price(summed[part], numbers[part]) for part in parts]).tolist() == (
        together.tolist()
    )
    alone = [ensemble.price_one(own, tuple(ours)) for own, ours in zip(summed, numbers.tolist(), strict=True)]
    assert alone == together.tolist()


def test_a_rise_is_never_a_fall_and_the_same_in_any_company(ensemble: Ensemble, asked) -> None:
    summed, numbers = asked
    price, rise = ensemble.price_and_rise(summed, numbers)
    assert price.tolist() == ensemble.price(summed, numbers).tolist()
    assert (np.diff(rise, axis=1) >= 0).all()
    for row, (own, ours) in enumerate(zip(summed, numbers.tolist(), strict=True)):
        alone, of_one = ensemble.price_and_rise_of_one(own, tuple(ours))
        assert alone == price[row]
        assert of_one == pytest.approx(rise[row], rel=1e-12)


def test_rounding_moves_a_price_by_less_than_a_hundredth_of_a_per_cent(ensemble: Ensemble, asked) -> None:
    summed, numbers = asked
    own = np.maximum(summed + ensemble.first, 0.0).reshape(WINES, COUNT, WIDTH)
    hidden = np.einsum("nkw,kwh->nkh", own, ensemble.layer0) + np.einsum(
        "nm,mkh->nkh", numbers, ensemble.numbers
    )
    hidden = np.einsum("nkh,khj->nkj", np.maximum(hidden + ensemble.bias0, 0.0), ensemble.layer1)
    plain = np.einsum("nkj,kj->n", np.maximum(hidden + ensemble.bias1, 0.0), ensemble.layer2)
    assert np.abs(ensemble.price(summed, numbers) - plain - ensemble.bias2).max() < 1e-4


def test_weights_are_whole_steps_and_stay_what_they_are_when_packed_again(ensemble: Ensemble) -> None:
    assert np.all(ensemble.layer0 % STEP == 0)
    assert np.all(ensemble.roots % STEP == 0)
    again = Ensemble(**ensemble.pack())
    for name in PARTS:
        assert np.array_equal(getattr(again, name), getattr(ensemble, name))
