"""The price model: wines in, log price with its interval out."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import Ridge

from pricing.errors import DataError
from pricing.normalise import fold
from pricing.records import records_of
from pricing.schema import CATEGORY_FIELDS, SCHEMA_VERSION
from pricing.scorer import Scorer, terms_of


class WinePriceRegressor(RegressorMixin, BaseEstimator):
    """Log price (natural log USD) of a wine from any subset of its fields.

    `fit` takes a frame with `FIELDS` (optional columns may be missing) and log prices (n,).
    """

    def __init__(
        self,
        *,
        alpha: float = 20.0,
        min_count: int = 3,
        coverage: float = 0.8,
        random_state: int = 0,
        n_jobs: int = 2,
    ) -> None:
        self.alpha = alpha
        self.min_count = min_count
        self.coverage = coverage
        self.random_state = random_state
        self.n_jobs = n_jobs

    def fit(self, wines: pd.DataFrame, log_price: Any) -> Self:
        target = np.asarray(log_price, dtype=np.float64)
        if len(wines) != len(target) or len(target) < 20 or not np.isfinite(target).all():  # noqa: PLR2004
            raise DataError(
                f"Cannot fit on {len(wines)} wines with {len(target)} log prices: at least 20 wines are needed, "
                "one finite log price for each."
            )
        rng = np.random.default_rng(self.random_state)
        wines = pd.concat([wines, _masked(wines, rng)], ignore_index=True)
        target = np.tile(target, 2)
        records = records_of(wines)
        terms = [terms_of(record) for record in records]
        self._learn_vocabulary(wines, terms)
        held_out = np.arange(len(target)) % (len(target) // 2) % 5 == 0
        matrix = self._matrix(terms)
        model = Ridge(alpha=self.alpha, solver="lsqr", random_state=self.random_state)
        model.fit(matrix[~held_out], target[~held_out])
        residual = np.abs(target[held_out] - model.predict(matrix[held_out]))
        error = Ridge(alpha=30.0, solver="lsqr").fit(matrix[held_out], np.log(residual + 0.05))
        expected = np.exp(error.predict(matrix[held_out]))
        self.calibration_ = np.sort(residual / expected)
        self.error_scale_ = float(residual.mean() / expected.mean())
        model.fit(matrix, target)
        self.weights_ = np.asarray(model.coef_)
        self.error_weights_ = np.asarray(error.coef_)
        self.intercepts_ = np.array([float(model.intercept_), float(error.intercept_)])
        self.schema_version_ = SCHEMA_VERSION
        return self

    def predict(self, wines: pd.DataFrame) -> npt.NDArray[np.float64]:
        """Log price (n,), natural log USD."""
        return np.array([estimate.log_price for estimate in self._estimates(wines, None)])

    def estimate(self, wines: pd.DataFrame, coverage: float | None = None) -> pd.DataFrame:
        """`log_price`, `low`, `high` (natural log USD) and `expected_error`, index as given."""
        rows = [
            (e.log_price, np.log(e.low), np.log(e.high), e.expected_error)
            for e in self._estimates(wines, coverage)
        ]
        return pd.DataFrame(rows, columns=["log_price", "low", "high", "expected_error"], index=wines.index)

    def scorer(self, coverage: float | None = None) -> Scorer:
        """The record path of this model."""
        return Scorer(
            terms=self.terms_.split("\n"),
            weights=self.weights_,
            error_weights=self.error_weights_,
            intercepts=self.intercepts_,
            error_scale=self.error_scale_,
            calibration=self.calibration_,
            categories={name: tuple(names.split("\n")) for name, names in self.categories_.items() if names},
            vintages=self.vintages_,
            coverage=self.coverage if coverage is None else coverage,
        )

    def _estimates(self, wines: pd.DataFrame, coverage: float | None) -> Any:
        return self.scorer(coverage).score_batch(records_of(wines))

    def _learn_vocabulary(self, wines: pd.DataFrame, terms: list[list[str]]) -> None:
        counts: dict[str, int] = {}
        for row in terms:
            for term in set(row):
                counts[term] = counts.get(term, 0) + 1
        self.terms_ = "\n".join(sorted(term for term, count in counts.items() if count >= self.min_count))
        self.categories_ = {name: "\n".join(_display_names(wines, name)) for name in CATEGORY_FIELDS}
        years = pd.to_numeric(wines["millesime"], errors="coerce").dropna()
        self.vintages_ = [int(years.min()), int(years.max())] if len(years) else [1900, 2039]

    def _matrix(self, terms: list[list[str]]) -> Any:
        index = {term: number for number, term in enumerate(self.terms_.split("\n"))}
        columns, ends = [], [0]
        for row in terms:
            columns.extend(sorted({index[term] for term in row if term in index}))
            ends.append(len(columns))
        return sparse.csr_matrix((np.ones(len(columns)), columns, ends), shape=(len(terms), len(index)))


def _masked(wines: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    masked = wines.copy()
    for name in ("variety", "winery", "region", "designation", "points"):
        if name in masked:
            masked[name] = masked[name].where(rng.random(len(masked)) < 0.5, None)  # noqa: PLR2004
    return masked


def _display_names(wines: pd.DataFrame, name: str) -> list[str]:
    if name not in wines:
        return []
    names: dict[str, str] = {}
    counts = wines[name].dropna().astype(str).value_counts()
    for shown in counts.index:
        if fold(shown):
            names.setdefault(fold(shown), shown.strip())
    return list(names.values())
