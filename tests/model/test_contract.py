"""What clients and the registry rely on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pricing.data.records import records_of
from pricing.evaluation import limits
from pricing.wine.schema import FIELDS, OPTIONAL_FIELDS, REQUIRED_FIELDS
from tests.model.candidate import Candidate


def test_the_four_required_fields_are_enough(candidate: Candidate) -> None:
    four = candidate.holdout[list(REQUIRED_FIELDS)]
    predicted = candidate.estimator.predict(four)
    assert predicted.shape == (len(four),)
    assert np.isfinite(predicted).all(), "a frame with only the required fields must be priced"


def test_predictions_are_log_prices(candidate: Candidate, figures: Callable[[str], None]) -> None:
    median = float(np.exp(np.median(candidate.estimator.predict(candidate.holdout))))
    low, high = candidate.price_range
    figures(f"median estimate ${median:.2f}, training prices ${low:.2f} to ${high:.2f}")
    assert low <= median <= high


def test_the_record_path_and_the_frame_path_agree(
    candidate: Candidate, figures: Callable[[str], None]
) -> None:
    wines = _with_fields_missing(candidate)
    frame = candidate.estimator.estimate(wines)
    records = candidate.scorer.score_batch(records_of(wines))
    worst = max(
        float(np.abs(frame["log_price"].to_numpy() - [r.log_price for r in records]).max()),
        float(np.abs(frame["low"].to_numpy() - np.log([r.low for r in records])).max()),
    )
    figures(f"largest difference {worst:.1e} over {len(wines):,} wines")
    assert worst <= limits.PARITY, f"paths differ by {worst:.1e} (allowed {limits.PARITY:g})"


def _with_fields_missing(candidate: Candidate):
    rng = np.random.default_rng(0)
    wines = candidate.holdout[list(FIELDS)].copy()
    for field in OPTIONAL_FIELDS:
        wines[field] = wines[field].where(rng.random(len(wines)) < 0.5, None)
    return wines
