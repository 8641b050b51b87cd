"""Nothing that a row's price went into is ever shown beside that price."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from pricing.model import experts, target_encoding
from pricing.model.experts import Head
from pricing.model.score_scale import SLOPES
from pricing.training import base_learners, boosting
from pricing.training.config import Options
from pricing.training.design_matrix import HeldOut, Rows
from pricing.training.masks import copies_of
from pricing.training.stack_features import (
    OutOfFoldPredictions,
    StackFeatures,
    producer_data_of,
    stack_features_of,
)

OPTIONS = Options(alpha=3.0, min_count=3, rounds=20, learning_rate=0.1, seed=0, jobs=2)


def with_prices_swapped(rows: Rows, fold: int) -> Rows:
    """The prices of one fold dealt anew among its rows: the mean of all stays."""
    target = rows.target.copy()
    own = np.flatnonzero(rows.folds == fold)
    target[own] = target[np.roll(own, 1)]
    return replace(rows, target=target)


def _errors(features: StackFeatures, rows: Rows, head: Head) -> boosting.OutOfFoldErrors:
    inputs = features.inputs.astype(np.float32)
    with ThreadPoolExecutor(OPTIONS.jobs) as pool:
        return boosting.fit_expert(inputs, features, rows, head, OPTIONS, pool=pool).errors()


def test_base_learners_never_saw_the_price_of_a_row_they_price(rows: Rows) -> None:
    rng = np.random.default_rng(1)
    copies = {head: copies_of(rows.present, rows.words, head, rng) for head in Head}
    with ThreadPoolExecutor(OPTIONS.jobs) as pool:
        before, after = (
            base_learners.fit(each, copies, OPTIONS, pool) for each in (rows, with_prices_swapped(rows, 0))
        )
    own = rows.folds == 0
    changed = 0.0
    for head in Head:
        for kind in ("linear", "networks"):
            for one, two in zip(getattr(before, kind)[head], getattr(after, kind)[head], strict=True):
                for said, again in zip(one, two, strict=True):
                    assert np.allclose(said[own], again[own], atol=1e-6)
                    changed = max(changed, float(np.abs(said[~own] - again[~own]).max()))
    assert changed > 0.01, "the other folds did see them"


def test_trees_price_held_out_rows_as_if_their_prices_were_others(rows: Rows) -> None:
    """The error of a row is its price less what trees say that never saw it."""
    copies = copies_of(rows.present, rows.words, Head.MIXED, np.random.default_rng(3))
    size = len(rows.target)
    say = {head: [HeldOut(np.linspace(2, 4, size), np.ones((size, SLOPES)))] * len(copies) for head in Head}
    predictions = OutOfFoldPredictions(say, say, np.zeros((size, target_encoding.WIDTH)))
    features = stack_features_of(rows, Head.MIXED, copies, predictions, producer_data_of(rows, predictions))
    moved = with_prices_swapped(rows, 0)
    prices = []
    for each in (rows, moved):
        given = replace(features, target=each.target[features.origin])
        errors = _errors(given, each, Head.MIXED)
        kept = experts.route_all(features.provided) == int(Head.MIXED)
        held_out = given.target[kept] - errors.error
        prices.append(held_out[errors.folds == 0])
    assert len(prices[0]) > 20
    assert np.allclose(prices[0], prices[1])


@pytest.mark.parametrize(("of", "folds"), [(5, 5), (3, 3), (1, 2)])
def test_as_many_folds_are_held_out_of_the_trees_as_hold_rows_enough(
    rows: Rows, of: int, folds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those `of` that hold enough, and two at least: either half calibrates the intervals of the other."""
    monkeypatch.setattr(boosting, "HELD_OUT", int((rows.folds < of).sum()))
    copies = copies_of(rows.present, rows.words, Head.FULL, np.random.default_rng(3))
    size = len(rows.target)
    say = {head: [HeldOut(np.linspace(2, 4, size), np.ones((size, SLOPES)))] * len(copies) for head in Head}
    predictions = OutOfFoldPredictions(say, say, np.zeros((size, target_encoding.WIDTH)))
    features = stack_features_of(rows, Head.FULL, copies, predictions, producer_data_of(rows, predictions))
    errors = _errors(features, rows, Head.FULL)
    assert set(errors.folds.tolist()) == set(range(folds))


def test_target_encodings_of_a_row_come_from_other_folds() -> None:
    rng = np.random.default_rng(2)
    codes = rng.integers(0, 4, (90, 5))
    price, left, folds = rng.normal(3, 0.5, 90), rng.normal(0, 0.3, 90), rng.integers(0, 3, 90)
    before, _ = target_encoding.cross_fit(codes, price, left, folds)
    own = folds == 1
    moved = np.where(own, price + 5.0, price)
    after, _ = target_encoding.cross_fit(codes, moved, left, folds)
    assert np.array_equal(before[own], after[own], equal_nan=True)
    assert not np.array_equal(before[~own], after[~own], equal_nan=True)


def test_smoothed_means_are_those_of_the_formula() -> None:
    codes = np.array([[0, 0, 0, 0, 0], [0, 1, 0, 0, 0], [1, 0, 0, 0, 0]])
    price = np.array([2.0, 4.0, 6.0])
    statistics = target_encoding.learn(codes, price, np.zeros(3)).of(codes)
    weight = target_encoding.GROUPINGS[0].smooth
    assert statistics[0, 0] == pytest.approx((2.0 + 4.0 + weight * 4.0) / (2 + weight))
    assert statistics[0, 2] == 2
    unknown = target_encoding.learn(codes, price, np.zeros(3)).of(np.full((1, 5), -1))
    assert np.isnan(unknown).all()
