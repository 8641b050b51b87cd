"""The price model: wines in, log price with its interval out."""

from __future__ import annotations

from typing import Final, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from pricing.arrays import Floats
from pricing.data.records import records_of
from pricing.errors import DataError
from pricing.estimators.known_names import display_names
from pricing.estimators.parameters import (
    FEWEST_WINES,
    check_positive,
    check_share,
    check_whole,
    jobs_of,
    log_price_target,
    seed_of,
)
from pricing.estimators.sklearn_tags import of_wines
from pricing.model.state import State
from pricing.scoring.scorer import Scorer
from pricing.scoring.scorer_cache import ScorerCache
from pricing.training.config import Options
from pricing.wine.estimate import Estimate
from pricing.wine.schema import CATEGORY_FIELDS, FIELDS, SCHEMA_VERSION
from pricing.wine.tokens import Reading, read

_SCORERS: Final = ScorerCache()


class WinePriceRegressor(RegressorMixin, BaseEstimator):
    """Log price (natural log USD) of a wine from any subset of its optional fields.

    Linear models, small networks, target encodings and a Gaussian process over producers, stacked under
    gradient-boosted trees; conformal intervals whose width follows the expected error.

    Parameters
    ----------
    alpha : float, default=3.0
        Penalty of the linear models; above 0.
    min_count : int, default=5
        Training wines that must hold a word or name for it to count.
    rounds : int, default=300
        Boosting rounds of the trees.
    learning_rate : float, default=0.05
        Of the trees; above 0, at most 1.
    coverage : float, default=0.8
        Share of wines whose price the interval is to hold; between 0 and 1.
    random_state : int, RandomState instance or None, default=0
        Seed of every random choice. An integer makes a fit repeatable.
    n_jobs : int or None, default=2
        Threads of the fit; None is one, -1 all cores.

    Attributes
    ----------
    state_ : dict of str to ndarray or str
        All that was learned.
    schema_version_ : int
        Version of the layout of `state_`.
    feature_names_in_ : ndarray of str
        Columns seen by `fit`.
    n_features_in_ : int
        Their number.

    Examples
    --------
    >>> import numpy as np
    >>> from pricing import WinePriceRegressor, clean
    >>> from pricing.synthetic import reviews
    >>> wines, report = clean(reviews.sample(train_rows=300, test_rows=1).train)
    >>> model = WinePriceRegressor(rounds=20).fit(wines, np.log(wines["price"]))
    >>> sorted(model.estimate(wines.head(2)[["country", "province", "description", "millesime"]]))
    ['expected_error', 'high', 'log_price', 'low']
    """

    def __init__(
        self,
        *,
        alpha: float = 3.0,
        min_count: int = 5,
        rounds: int = 300,
        learning_rate: float = 0.05,
        coverage: float = 0.8,
        random_state: int | np.random.RandomState | None = 0,
        n_jobs: int | None = 2,
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

        Reviews that repeat one another count once. Raises DataError when nothing can be learned, and for
        prices in place of their logarithms; InvalidParameter for a parameter out of its range.
        """
        from threadpoolctl import threadpool_limits  # noqa: PLC0415 (scoring does without)

        from pricing.training.design_matrix import rows_of  # noqa: PLC0415
        from pricing.training.fit import learn  # noqa: PLC0415 (scoring does without)

        options = self._options()
        readings = [read(wine) for wine in records_of(wines)]
        target = log_price_target(log_price, len(readings))
        once = _without_repeats(readings, target)
        names = {field: display_names(wines, field) for field in CATEGORY_FIELDS}
        rng = np.random.default_rng(options.seed)
        rows = rows_of([readings[row] for row in once], target[once], names, rng, min_count=options.min_count)
        with threadpool_limits(1):  # fits run side by side instead
            knowledge = learn(rows, names, rng, options)
        self.state_: State = knowledge.pack()
        self.schema_version_ = SCHEMA_VERSION
        self.feature_names_in_ = np.array([name for name in FIELDS if name in wines.columns])
        self.n_features_in_ = len(self.feature_names_in_)
        return self

    def predict(self, wines: pd.DataFrame) -> Floats:
        """Log price (n,), natural log USD."""
        return np.array([estimate.log_price for estimate in self._estimates(wines, None)], dtype=np.float64)

    def estimate(self, wines: pd.DataFrame, coverage: float | None = None) -> pd.DataFrame:
        """`log_price`, `low`, `high` (natural log USD) and `expected_error`, index as given."""
        rows = [
            (each.log_price, np.log(each.low), np.log(each.high), each.expected_error)
            for each in self._estimates(wines, coverage)
        ]
        return pd.DataFrame(rows, columns=["log_price", "low", "high", "expected_error"], index=wines.index)

    def scorer(self, coverage: float | None = None) -> Scorer:
        """The record path of this model, for intervals of `coverage`. One thread at a time may use it."""
        check_is_fitted(self, "state_")
        coverage = self.coverage if coverage is None else coverage
        check_share("coverage", coverage, example=0.8)
        return _SCORERS.of(self, self.state_).scorer.with_coverage(coverage)

    def _estimates(self, wines: pd.DataFrame, coverage: float | None) -> list[Estimate]:
        check_is_fitted(self, "state_")
        coverage = self.coverage if coverage is None else coverage
        check_share("coverage", coverage, example=0.8)
        return _SCORERS.of(self, self.state_).score_batch(records_of(wines), coverage)

    def _options(self) -> Options:
        check_positive("alpha", self.alpha)
        check_whole("min_count", self.min_count, least=1)
        check_whole("rounds", self.rounds, least=1)
        check_share("learning_rate", self.learning_rate, example=0.05, one_allowed=True)
        check_share("coverage", self.coverage, example=0.8)
        return Options(
            alpha=self.alpha,
            min_count=self.min_count,
            rounds=self.rounds,
            learning_rate=self.learning_rate,
            seed=seed_of(self.random_state),
            jobs=jobs_of(self.n_jobs),
        )

    def __sklearn_tags__(self) -> Tags:
        return of_wines(super().__sklearn_tags__())


def _without_repeats(readings: list[Reading], target: Floats) -> npt.NDArray[np.intp]:
    """Rows to learn from: of reviews of one wine at one price and score, the longest.

    Raises DataError where too few are left.
    """
    longest: dict[tuple[object, ...], int] = {}
    for row, (reading, price) in enumerate(zip(readings, target.tolist(), strict=True)):
        text = "" if reading.winery else " ".join(sorted(set(reading.words)))
        key = (tuple(reading[:6]), reading.year, reading.points, price, text)
        kept = longest.setdefault(key, row)
        if len(reading.words) > len(readings[kept].words):
            longest[key] = row
    if len(longest) < FEWEST_WINES:
        raise DataError(
            f"Cannot fit: of {len(readings)} wines only {len(longest)} differ from one another, and at least "
            f"{FEWEST_WINES} are needed. Look for rows that repeat."
        )
    return np.array(sorted(longest.values()), dtype=np.intp)
