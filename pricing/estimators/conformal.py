"""Any scikit-learn regressor as an estimator of wine prices, with calibrated intervals.

The regressor learns each wine twice: as it stands, and as a client might ask for it. Its errors out of
fold teach a small tree how large an error to expect, and give the conformal factors on it (cross-conformal:
Vovk 2015).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Self
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.tree import DecisionTreeRegressor
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from pricing.arrays import Floats
from pricing.data.records import records_of
from pricing.estimators import parameters
from pricing.estimators.asked_frame import asked_frame, information, mask_at_random
from pricing.estimators.frame_scorer import FrameScorer
from pricing.estimators.known_names import KnownNames
from pricing.estimators.sklearn_tags import of_wines
from pricing.wine.places.name_reader import NameReader
from pricing.wine.schema import FIELDS, SCHEMA_VERSION
from pricing.wine.tokens import Reading, read

LEVELS: Final = np.linspace(0.0, 1.0, 401)
SMALLEST_ERROR: Final = 0.02
ERROR_LEAVES: Final = 32
ROWS_PER_LEAF: Final = 30


_READERS: Final[WeakKeyDictionary[object, tuple[Mapping[str, str], NameReader]]] = WeakKeyDictionary()
"""Of fitted estimators, forgotten with them; they are no part of one, as `predict` must not change it."""


class ConformalRegressor(RegressorMixin, BaseEstimator):
    """Log price (natural log USD) of a wine by a scikit-learn regressor, with intervals.

    Parameters
    ----------
    regressor : estimator
        A regressor or pipeline that takes the frame of `pricing.estimators.asked_frame`. It is cloned.
    coverage : float, default=0.8
        Share of wines whose price the interval is to hold.
    folds : int, default=3
        Of the cross-validation that the intervals are calibrated on.
    random_state : int, RandomState instance or None, default=0
        Seed of the masks, and of every `random_state` of the regressor that is None.

    Attributes
    ----------
    regressor_ : estimator
        The fitted regressor.
    error_model_ : DecisionTreeRegressor
        Expected absolute error of the log price.
    calibration_ : ndarray of shape (401,)
        Quantiles of error over expected error.
    names_ : KnownNames as a dict
        Names, words and vintages that training saw.
    """

    def __init__(
        self,
        regressor: Any = None,  # noqa: ANN401 - any scikit-learn regressor
        *,
        coverage: float = 0.8,
        folds: int = 3,
        random_state: int | np.random.RandomState | None = 0,
    ) -> None:
        self.regressor = regressor
        self.coverage = coverage
        self.folds = folds
        self.random_state = random_state

    def fit(self, wines: pd.DataFrame, log_price: npt.ArrayLike) -> Self:
        """Learn from `wines` (columns `FIELDS`, optional ones may be missing) and log prices (n,)."""
        parameters.check_share("coverage", self.coverage, example=0.8)
        parameters.check_whole("folds", self.folds, least=2)
        seed = parameters.seed_of(self.random_state)
        readings = [read(wine) for wine in records_of(wines)]
        target = parameters.log_price_target(log_price, len(readings))
        asked = [*readings, *mask_at_random(readings, np.random.default_rng(seed))]
        target, wine = np.tile(target, 2), np.tile(np.arange(len(readings)), 2)
        frame, regressor = asked_frame(asked), _seeded(clone(self.regressor), seed)
        shuffled = GroupKFold(self.folds, shuffle=True, random_state=seed)
        unseen = np.asarray(cross_val_predict(regressor, frame, target, groups=wine, cv=shuffled)).ravel()
        self.regressor_ = regressor.fit(frame, target)
        self._calibrate(information(asked, unseen), target - unseen, seed)
        self.names_ = KnownNames.of(wines, readings).packed()
        self.schema_version_ = SCHEMA_VERSION
        self.feature_names_in_ = np.array([name for name in FIELDS if name in wines.columns])
        self.n_features_in_ = len(self.feature_names_in_)
        return self

    def predict(self, wines: pd.DataFrame) -> Floats:
        """Log price (n,), natural log USD."""
        return self.log_prices(self._read(wines))

    def estimate(self, wines: pd.DataFrame, coverage: float | None = None) -> pd.DataFrame:
        """`log_price`, `low`, `high` (natural log USD) and `expected_error`, index as given."""
        figures = self.figures(self._read(wines), coverage)
        return pd.DataFrame(
            figures, columns=["log_price", "low", "high", "expected_error"], index=wines.index
        )

    def scorer(self, coverage: float | None = None) -> FrameScorer:
        """The record path of this model, for intervals of `coverage`."""
        check_is_fitted(self, "regressor_")
        coverage = self.coverage if coverage is None else coverage
        parameters.check_share("coverage", coverage, example=0.8)
        return FrameScorer(self, KnownNames.unpacked(self.names_), coverage)

    def _read(self, wines: pd.DataFrame) -> list[Reading]:
        """The wines with their names as training knows them."""
        check_is_fitted(self, "regressor_")
        kept = _READERS.get(self)
        if kept is None or kept[0] is not self.names_:
            kept = _READERS[self] = self.names_, KnownNames.unpacked(self.names_).reader()
        return [read(wine, kept[1]) for wine in records_of(wines)]

    def log_prices(self, readings: Sequence[Reading]) -> Floats:
        """Log price (n,) of readings."""
        check_is_fitted(self, "regressor_")
        if not readings:
            return np.empty(0)
        return np.asarray(self.regressor_.predict(asked_frame(readings)), dtype=np.float64).ravel()

    def figures(self, readings: Sequence[Reading], coverage: float | None = None) -> Floats:
        """Log price, low, high and expected error, (n, 4)."""
        coverage = self.coverage if coverage is None else coverage
        parameters.check_share("coverage", coverage, example=0.8)
        price = self.log_prices(readings)
        if not len(price):
            return np.empty((0, 4))
        error = np.maximum(self.error_model_.predict(information(readings, price)), SMALLEST_ERROR)
        tails = (1 - coverage) / 2, (1 + coverage) / 2
        low, high = np.interp(tails, LEVELS, self.calibration_)
        return np.column_stack([price, price + min(low, 0) * error, price + max(high, 0) * error, error])

    def _calibrate(self, asked: Floats, residual: Floats, seed: int) -> None:
        leaf = max(ROWS_PER_LEAF, len(residual) // (4 * ERROR_LEAVES))
        tree = DecisionTreeRegressor(max_leaf_nodes=ERROR_LEAVES, min_samples_leaf=leaf, random_state=seed)
        self.error_model_ = tree.fit(asked, np.abs(residual))
        expected = np.maximum(self.error_model_.predict(asked), SMALLEST_ERROR)
        self.calibration_ = np.quantile(residual / expected, LEVELS, method="weibull")

    def __sklearn_tags__(self) -> Tags:
        return of_wines(super().__sklearn_tags__())


def _seeded(regressor: Any, seed: int) -> Any:  # noqa: ANN401 - any scikit-learn regressor
    """The regressor with every `random_state` in it set that the team left open."""
    parameters_of = regressor.get_params()
    names = [name for name in parameters_of if name.split("__")[-1] == "random_state"]
    names = [name for name in names if parameters_of[name] is None]
    return regressor.set_params(**dict.fromkeys(names, seed))
