"""One more point never lowers what the trees start from, nor the price."""

from __future__ import annotations

import msgspec
import numpy as np
import pandas as pd
import pytest

from pricing.data.records import records_of
from pricing.model import score_scale
from pricing.model.score_scale import (
    KEPT,
    REFERENCE,
    SCORES,
    STEPS,
    interpolated,
    rising,
    rising_one,
    steps_of,
)
from pricing.scoring.scorer import Scorer

EVERY_HALF = np.arange(80.0, 100.5, 0.5)


def test_prices_that_fall_and_rise_become_ones_that_never_fall() -> None:
    prices = np.random.default_rng(0).normal(size=(500, len(SCORES)))
    for own in prices:
        start = rising(np.tile(own, (len(EVERY_HALF), 1)), EVERY_HALF)
        assert (np.diff(start) >= 0).all()
        assert [rising_one(own.tolist(), points) for points in EVERY_HALF.tolist()] == pytest.approx(
            start.tolist(), abs=1e-12
        )


def test_prices_that_rise_are_kept_but_for_their_slope() -> None:
    prices = np.array([SCORES]) / 10
    for points in (80.0, 83.0, 88.0, 100.0):
        assert interpolated(prices, np.array([points])) == pytest.approx(points / 10)
        reference = SCORES[REFERENCE]
        expected = (reference + KEPT * (points - reference)) / 10
        assert rising(prices, np.array([points])) == pytest.approx(expected)


def test_scores_beyond_the_scale_count_as_its_ends() -> None:
    prices = np.array([SCORES])
    assert interpolated(np.repeat(prices, 2, axis=0), np.array([70.0, 104.0])).tolist() == [80.0, 100.0]
    assert rising_one(SCORES, 70.0) == rising_one(SCORES, 80.0)
    assert steps_of(70.0) == steps_of(80.0)
    assert steps_of(104.0) == steps_of(100.0)


def test_steps_tell_what_slopes_a_price_has_between_two_scores() -> None:
    slopes = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    at_scores = slopes @ STEPS
    assert at_scores[REFERENCE] == 0
    assert np.diff(at_scores) == pytest.approx(slopes)
    for points in EVERY_HALF.tolist():
        between = interpolated(at_scores[None], np.array([points]))
        assert float(slopes @ np.array(steps_of(points))) == pytest.approx(float(between[0]))
    assert not any(steps_of(None))


def test_the_scale_is_that_of_requests() -> None:
    assert (SCORES[0], SCORES[-1]) == (80.0, 100.0)
    assert np.diff(SCORES).tolist() == [score_scale.STEP] * (len(SCORES) - 1)


def test_no_wine_is_cheaper_for_one_more_point(
    scorer: Scorer, wines: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    """Whatever else is given of it, one by one and many at a time."""
    rng = np.random.default_rng(1)
    for wine in records_of(wines[1].head(60)):
        hidden = dict.fromkeys(
            rng.permutation(["variety", "winery", "region", "designation"])[: rng.integers(5)]
        )
        asked = [msgspec.structs.replace(wine, **hidden, points=points) for points in EVERY_HALF.tolist()]
        prices = [estimate.log_price for estimate in scorer.score_batch(asked)]
        assert (np.diff(prices) >= 0).all()
        assert (np.diff([scorer.score(each).log_price for each in asked[::4]]) >= 0).all()
        assert prices[::4] == pytest.approx([scorer.score(each).log_price for each in asked[::4]], abs=1e-9)
