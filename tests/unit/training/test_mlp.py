from __future__ import annotations

from typing import NamedTuple
from unittest import mock

import numpy as np
import pytest
from scipy import sparse

from pricing.model.score_scale import SLOPES, interpolated, steps_of
from pricing.training import mlp
from pricing.training.design_matrix import Inputs
from pricing.training.mlp import WIDTH, Network, Passes

TERMS, NUMBERS, BATCH = 12, 6, 9
POINTS = (None, 80.0, 85.0, 88.0, 91.0, 94.5, 97.0, 99.0, 100.0)


@pytest.fixture
def network() -> Network:
    """In double precision, so that finite differences mean something; away from the kinks of ReLU."""
    made = Network(TERMS, NUMBERS, np.random.default_rng(3))
    made.embed = made.embed.astype(np.float64)
    made.weights = {name: value.astype(np.float64) for name, value in made.weights.items()}
    made.weights["first"] += np.random.default_rng(4).normal(0, 0.1, WIDTH)
    made.weights["roots"] += np.random.default_rng(8).normal(0, 0.1, made.weights["roots"].shape)
    return made


class Batch(NamedTuple):
    terms: sparse.csr_matrix
    numbers: np.ndarray
    steps: np.ndarray
    target: np.ndarray


def batch() -> Batch:
    rng = np.random.default_rng(5)
    terms = sparse.csr_matrix((rng.random((BATCH, TERMS)) < 0.4).astype(np.float64))
    steps = np.array([steps_of(points) for points in POINTS])
    return Batch(terms, rng.normal(size=(BATCH, NUMBERS)), steps, rng.normal(size=BATCH))


def inputs_of(terms: sparse.csr_matrix, numbers: np.ndarray, steps: np.ndarray) -> Inputs:
    none = np.zeros(len(numbers), dtype=np.int64)
    return Inputs(terms, numbers, steps, none, none)


def loss(network: Network) -> float:
    *inputs, target = batch()
    return 0.5 * float(((network.predict(inputs_of(*inputs)) - target) ** 2).mean())


def gradients_of(network: Network) -> dict[str, np.ndarray]:
    """What the step hands to Adam and RMSProp, by the name of the weights."""
    owners = {id(value): name for name, value in network.weights.items()}
    seen: dict[str, np.ndarray] = {}

    def adam(weights: np.ndarray, mean: object, square: object, gradient: np.ndarray, rate: object) -> None:
        seen[owners[id(weights)]] = gradient.copy()

    def rmsprop(weights: object, square: object, gradient: np.ndarray, rate: object) -> None:
        seen["embed"] = gradient.copy()

    with mock.patch.object(mlp, "_adam", adam), mock.patch.object(mlp, "_rmsprop", rmsprop):
        network.step(*batch(), rate=0.01)
    return seen


@pytest.mark.parametrize(
    "name",
    ["first", "layer0", "layer1", "layer2", "bias0", "bias1", "bias2", "roots", "roots_bias"],
)
def test_gradients_are_those_of_finite_differences(network: Network, name: str) -> None:
    gradient = gradients_of(network)[name]
    weights = network.weights[name]
    _compare(network, weights, gradient)


def test_gradients_of_the_embeddings_are_those_of_finite_differences(network: Network) -> None:
    gradient = gradients_of(network)["embed"]
    touched = np.unique(batch().terms.indices)
    whole = np.zeros_like(network.embed)
    whole[touched] = gradient
    _compare(network, network.embed, whole)


def _compare(network: Network, weights: np.ndarray, gradient: np.ndarray, step: float = 1e-5) -> None:
    rng = np.random.default_rng(6)
    for place in rng.choice(weights.size, min(25, weights.size), replace=False):
        index = np.unravel_index(place, weights.shape)
        before = weights[index]
        values = []
        for moved in (before + step, before - step):
            weights[index] = moved
            values.append(loss(network))
        weights[index] = before
        assert gradient[index] == pytest.approx((values[0] - values[1]) / (2 * step), abs=2e-6, rel=1e-3)


def test_adam_steps_as_its_paper_says() -> None:
    weights, mean, square = np.array([1.0]), np.zeros(1), np.zeros(1)
    expected, first, second = 1.0, 0.0, 0.0
    b1, b2 = float(mlp.BETA1), float(mlp.BETA2)
    for number, gradient in enumerate([0.3, -0.2, 0.5], start=1):
        first, second = b1 * first + (1 - b1) * gradient, b2 * second + (1 - b2) * gradient**2
        corrected = 0.1 * np.sqrt(1 - b2**number) / (1 - b1**number)
        expected -= corrected * first / (np.sqrt(second) + 1e-8)
        mlp._adam(weights, mean, square, np.array([gradient]), np.float32(corrected))
    assert weights[0] == pytest.approx(expected, rel=1e-5)


def test_rmsprop_steps_by_the_gradient_over_the_root_of_its_mean_square() -> None:
    weights, square = np.array([1.0]), np.zeros(1)
    expected, second, decay = 1.0, 0.0, float(mlp.BETA2)
    for gradient in [0.3, -0.2, 0.5]:
        second = decay * second + (1 - decay) * gradient**2
        expected -= 0.1 * gradient / (np.sqrt(second) + 1e-8)
        mlp._rmsprop(weights, square, np.array([gradient]), np.float32(0.1))
    assert weights[0] == pytest.approx(expected, rel=1e-5)


def test_dropout_leaves_out_the_share_of_each_term_and_keeps_the_sum_as_it_was() -> None:
    n = 4000
    terms = sparse.csr_matrix(np.tile([1.0, 0.5, 0.0, 2.0], (n, 1)).astype(np.float32))
    dropout = np.array([0.0, 0.25, 0.5, 0.5], np.float32)
    left = mlp.without_some(terms, dropout, np.random.default_rng(1))
    assert left.shape == terms.shape
    assert left.getnnz(axis=0) / n == pytest.approx([1.0, 0.75, 0.0, 0.5], abs=0.03)
    assert np.asarray(left.mean(axis=0)).ravel() == pytest.approx([1.0, 0.5, 0.0, 2.0], rel=0.05)
    assert set(left[:, [3]].data.tolist()) == {4.0}
    assert (mlp.without_some(terms, dropout * 0, np.random.default_rng(1)) != terms).nnz == 0


def test_terms_that_a_batch_lacks_do_not_move(network: Network) -> None:
    before = network.embed.copy()
    terms = sparse.csr_matrix(np.eye(TERMS)[:3])
    network.step(terms, np.zeros((3, NUMBERS)), np.zeros((3, SLOPES)), np.ones(3), rate=0.01)
    assert (network.embed[3:] == before[3:]).all()
    assert (network.embed[:3] != before[:3]).any()


def test_a_network_learns_what_is_there_and_its_last_error_has_no_mean() -> None:
    rng = np.random.default_rng(7)
    dense = (rng.random((400, TERMS)) < 0.3).astype(np.float32)
    numbers = rng.normal(size=(400, NUMBERS)).astype(np.float32)
    steps = np.array([steps_of(points) for points in rng.integers(80, 101, 400).tolist()], np.float32)
    target = dense @ rng.normal(size=TERMS) + 0.5 * numbers[:, 0] + 0.2 * steps.sum(axis=1)
    target -= target.mean()
    terms = sparse.csr_matrix(dense)
    inputs = inputs_of(terms, numbers, steps)
    trained = mlp.train(lambda: inputs, Passes(30, 128, 6e-3), target, 1, np.zeros(TERMS, np.float32))
    error = target - trained.predict(inputs)
    assert error.std() < 0.3 * target.std()
    assert abs(error.mean()) < 1e-5


def test_the_served_ensemble_is_the_mean_of_its_networks() -> None:
    from pricing.training.base_learners import _side_by_side  # noqa: PLC0415

    networks = [Network(TERMS, NUMBERS, np.random.default_rng(seed)) for seed in range(3)]
    for number, each in enumerate(networks):
        each.weights["roots"] += np.random.default_rng(number).normal(0, 0.1, each.weights["roots"].shape)
    terms, numbers, steps, _ = batch()
    inputs = inputs_of(terms, numbers.astype(np.float32), steps.astype(np.float32))
    expected = 2.5 + np.mean([each.predict(inputs) for each in networks], axis=0)
    ensemble = _side_by_side(networks, 2.5)
    summed = np.concatenate([terms @ each.embed for each in networks], axis=1)
    price, rise = ensemble.price_and_rise(summed, numbers)
    own = [
        0.0 if points is None else interpolated(each[None], np.array([points]))[0]
        for each, points in zip(rise, POINTS, strict=True)
    ]
    assert price + own == pytest.approx(expected, abs=1e-5)
    assert ensemble.price(summed, numbers).tolist() == price.tolist()
    one = [ensemble.price_one(row, tuple(given)) for row, given in zip(summed, numbers, strict=True)]
    assert one == pytest.approx(list(ensemble.price(summed, numbers)), abs=1e-9)
