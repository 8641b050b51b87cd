"""The record path: a wine in, its price out, without DataFrames."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from pricing import cautions
from pricing.estimate import Estimate, Explanation, Factor, RequestWarning
from pricing.normalise import fold, words_of, year_of
from pricing.schema import CATEGORY_FIELDS
from pricing.wine import Wine


def terms_of(wine: Wine) -> list[str]:
    terms = []
    for field in CATEGORY_FIELDS:
        value = getattr(wine, field)
        terms.append(f"{field}={fold(value) if value else ''}")
    terms.append(f"year={year_of(wine.millesime)}")
    terms.append("points=" if wine.points is None else f"points={round(wine.points)}")
    terms.extend(f"designation:{word}" for word in words_of(wine.designation or ""))
    terms.extend(f"word:{word}" for word in words_of(wine.description))
    return terms


class Scorer:
    """Scores wines one by one or many at a time; both paths give the same numbers."""

    training_language = "en"

    def __init__(
        self,
        *,
        terms: Sequence[str],
        weights: npt.NDArray[np.float64],
        error_weights: npt.NDArray[np.float64],
        intercepts: npt.NDArray[np.float64],
        error_scale: float,
        calibration: npt.NDArray[np.float64],
        categories: Mapping[str, tuple[str, ...]],
        vintages: Sequence[int],
        coverage: float,
    ) -> None:
        pairs = zip(weights.tolist(), error_weights.tolist(), strict=True)
        self._weights = dict(zip(terms, pairs, strict=True))
        self._intercepts = intercepts.tolist()
        self._scale = error_scale
        self._factor = float(np.quantile(calibration, coverage))
        self._known = {name: {fold(value) for value in values} for name, values in categories.items()}
        self._names = cautions.NameWarnings(categories)
        self._vintages = tuple(vintages)
        self.categories: Mapping[str, tuple[str, ...]] = categories
        self.coverage = coverage

    def score(self, wine: Wine) -> Estimate:
        log_price, log_error = self._intercepts
        for term in set(terms_of(wine)):
            pair = self._weights.get(term)
            if pair is not None:
                log_price += pair[0]
                log_error += pair[1]
        error = math.exp(log_error)
        return Estimate(
            price=math.exp(log_price),
            low=math.exp(log_price - self._factor * error),
            high=math.exp(log_price + self._factor * error),
            coverage=self.coverage,
            log_price=log_price,
            expected_error=error * self._scale,
            warnings=self._warnings(wine),
        )

    def score_batch(self, wines: Sequence[Wine]) -> list[Estimate]:
        return [self.score(wine) for wine in wines]

    def explain(self, wine: Wine) -> Explanation:
        factors = []
        for term in dict.fromkeys(terms_of(wine)):
            pair = self._weights.get(term)
            if pair is not None:
                field, _, name = term.replace(":", "=").partition("=")
                factors.append(Factor(field=field, term=name, factor=math.exp(pair[0])))
        return Explanation(base_price=math.exp(self._intercepts[0]), factors=tuple(factors))

    def _warnings(self, wine: Wine) -> tuple[RequestWarning, ...]:
        found = []
        for field, known in self._known.items():
            value = getattr(wine, field)
            if value and fold(value) not in known:
                found.append(self._names.of(field, value))
        year = year_of(wine.millesime)
        if year is None:
            found.append(cautions.no_vintage())
        elif not self._vintages[0] <= year <= self._vintages[1]:
            found.append(cautions.vintage_out_of_range(year, *self._vintages))
        words = words_of(wine.description)
        known_words = sum(f"word:{word}" in self._weights for word in words)
        if known_words < max(4, len(words) / 2):
            found.append(cautions.few_known_words(known_words, len(words), self.training_language))
        return tuple(found)
