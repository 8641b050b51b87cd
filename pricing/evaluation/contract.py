"""What an estimator has to keep, tried on a few wines before hours are spent on many."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from sklearn.base import clone

from pricing.data.records import records_of
from pricing.errors import PricingError
from pricing.estimators.protocol import PriceEstimator
from pricing.storage import skops_file
from pricing.wine.schema import PRICE, REQUIRED_FIELDS

SAMPLE: Final = 400
PARITY: Final = 1e-9


class EstimatorRefused(PricingError):
    """An estimator does not keep what the system relies on; the message says what."""


def check_contract(name: str, estimator: PriceEstimator, wines: pd.DataFrame, *, seed: int = 0) -> None:
    """Fit a clone on a sample of `wines` (FIELDS and `price`, USD) and try everything that is asked of it.

    Raises EstimatorRefused.
    """
    sample = wines if len(wines) <= SAMPLE else wines.sample(SAMPLE, random_state=seed)
    fitted: PriceEstimator = clone(estimator)
    try:
        fitted.fit(sample, np.log(sample[PRICE].to_numpy(dtype="float64")))
        broken = list(_broken(fitted, sample)) or list(_broken_file(fitted, sample))
    except (PricingError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        broken = [f"{type(error).__name__}: {error}"]
    if broken:
        raise EstimatorRefused(
            f"The estimator {name} cannot be used (tried on {len(sample)} wines): {'; '.join(broken)}. "
            "docs/estimators.md says what is asked of one."
        )


def _broken(fitted: PriceEstimator, wines: pd.DataFrame) -> Iterator[str]:
    for frame, fields in ((wines, "all fields"), (wines[list(REQUIRED_FIELDS)], "the required fields alone")):
        predicted = np.asarray(fitted.predict(frame))
        if predicted.shape != (len(frame),) or not np.isfinite(predicted).all():
            yield f"predict with {fields} gave shape {predicted.shape}, or prices that are not finite"
            continue
        if np.abs(predicted).max() > 15:  # noqa: PLR2004 - e¹⁵ is three million dollars
            yield f"predict with {fields} gave {predicted.max():,.0f}: log prices lie below 15"
            continue
        estimates = fitted.estimate(frame)
        if (
            not (estimates["low"] <= estimates["log_price"]).all()
            or not (estimates["log_price"] <= estimates["high"]).all()
        ):
            yield f"an interval with {fields} does not hold its price"
    wide, narrow = (fitted.estimate(wines, coverage=share) for share in (0.95, 0.5))
    if ((wide["high"] - wide["low"]) < (narrow["high"] - narrow["low"])).any():
        yield "an interval of 95 % is narrower than one of 50 %"


def _broken_file(fitted: PriceEstimator, wines: pd.DataFrame) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / skops_file.FILE_NAME
        skops_file.save(fitted, file)
        loaded = skops_file.load(file)
    expected = fitted.predict(wines)
    if np.abs(loaded.predict(wines) - expected).max() > PARITY:
        yield "after saving and loading it prices differently"
    records = [estimate.log_price for estimate in loaded.scorer().score_batch(records_of(wines))]
    if np.abs(np.array(records) - expected).max() > PARITY:
        yield "records are priced differently from frames"
