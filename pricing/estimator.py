"""The price model: wines in, log price with its interval out."""

from __future__ import annotations

from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import check_is_fitted

from pricing.data.records import records_of
from pricing.errors import DataError
from pricing.model.state import Knowledge, State
from pricing.scoring.scorer import Scorer
from pricing.training.config import Options
from pricing.wine.estimate import Estimate
from pricing.wine.schema import CATEGORY_FIELDS, SCHEMA_VERSION
from pricing.wine.text import fold
from pricing.wine.tokens import Reading, read

FEWEST_WINES = 20


class WinePriceRegressor(RegressorMixin, BaseEstimator):
    """Log price (natural log USD) of a wine from any subset of its optional fields.

    `state_` holds all that was learned, as arrays and strings; `schema_version_` its layout.
    """

    def __init__(
        self,
        *,
        alpha: float = 3.0,
        min_count: int = 5,
        rounds: int = 300,
        learning_rate: float = 0.05,
        coverage: float = 0.8,
        random_state: int = 0,
        n_jobs: int = 2,
    ) -> None:
        self.alpha = alpha
        self.min_count = min_count
        self.rounds = rounds
        self.learning_rate = learning_rate
        self.coverage = coverage
        self.random_state = random_state
        self.n_jobs = n_jobs

    def fit(self, wines: pd.DataFrame, log_price: npt.ArrayLike) -> Self:
        """Learn from `wines` (columns `FIELDS`, optional ones may be missing) and log prices (n,).

        Reviews that repeat one another count once. Raises DataError when nothing can be learned.
        """
        from threadpoolctl import threadpool_limits  # noqa: PLC0415 (scoring does without)

        from pricing.training.design_matrix import rows_of  # noqa: PLC0415
        from pricing.training.fit import learn  # noqa: PLC0415 (scoring does without)

        target = np.asarray(log_price, dtype=np.float64)
        if len(wines) != len(target) or len(target) < FEWEST_WINES or not np.isfinite(target).all():
            raise DataError(
                f"Cannot fit on {len(wines)} wines with {len(target)} log prices: at least {FEWEST_WINES} "
                "wines are needed, and one finite log price for each."
            )
        readings = [read(wine) for wine in records_of(wines)]
        once = _without_repeats(readings, target)
        names = {field: _display_names(wines, field) for field in CATEGORY_FIELDS}
        rng = np.random.default_rng(self.random_state)
        options = Options(
            alpha=self.alpha,
            min_count=self.min_count,
            rounds=self.rounds,
            learning_rate=self.learning_rate,
            seed=self.random_state,
            jobs=self.n_jobs,
        )
        rows = rows_of([readings[row] for row in once], target[once], names, rng, min_count=self.min_count)
        with threadpool_limits(1):  # fits run side by side instead
            knowledge = learn(rows, names, rng, options)
        self.state_: State = knowledge.pack()
        self.schema_version_ = SCHEMA_VERSION
        return self

    def predict(self, wines: pd.DataFrame) -> npt.NDArray[np.float64]:
        """Log price (n,), natural log USD."""
        return np.array([estimate.log_price for estimate in self._estimates(wines, None)])

    def estimate(self, wines: pd.DataFrame, coverage: float | None = None) -> pd.DataFrame:
        """`log_price`, `low`, `high` (natural log USD) and `expected_error`, index as given."""
        rows = [
            (each.log_price, np.log(each.low), np.log(each.high), each.expected_error)
            for each in self._estimates(wines, coverage)
        ]
        return pd.DataFrame(rows, columns=["log_price", "low", "high", "expected_error"], index=wines.index)

    def scorer(self, coverage: float | None = None) -> Scorer:
        """The record path of this model, for intervals of `coverage`."""
        check_is_fitted(self, "state_")
        coverage = self.coverage if coverage is None else coverage
        if not 0 < coverage < 1:
            raise DataError(f"coverage is {coverage}; give a share between 0 and 1, such as 0.8.")
        return Scorer(Knowledge.unpack(self.state_), coverage)

    def _estimates(self, wines: pd.DataFrame, coverage: float | None) -> list[Estimate]:
        return self.scorer(coverage).score_batch(records_of(wines))


def _without_repeats(readings: list[Reading], target: npt.NDArray[np.float64]) -> npt.NDArray[np.intp]:
    """Rows to learn from: of reviews of one wine at one price and score, the longest."""
    longest: dict[tuple[object, ...], int] = {}
    for row, (reading, price) in enumerate(zip(readings, target.tolist(), strict=True)):
        text = "" if reading.winery else " ".join(sorted(set(reading.words)))
        key = (tuple(reading[:6]), reading.year, reading.points, price, text)
        kept = longest.setdefault(key, row)
        if len(reading.words) > len(readings[kept].words):
            longest[key] = row
    return np.array(sorted(longest.values()), dtype=np.intp)


def _display_names(wines: pd.DataFrame, name: str) -> tuple[str, ...]:
    """Names of a category as written, most frequent first; spellings that fold alike are one."""
    if name not in wines.columns:
        return ()
    names: dict[str, str] = {}
    for shown in wines[name].dropna().astype(str).value_counts().index:
        key = fold(shown)
        if key:
            names.setdefault(key, " ".join(shown.split()))
    return tuple(names.values())
