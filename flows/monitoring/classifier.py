"""A two-sample test on whole requests: whether a classifier can tell the window from training rows.

It sees every field and every word at once, so it finds what no single column shows (Lopez-Paz and
Oquab 2017). Scores are cross-fitted: no row is scored by a classifier that has seen it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from flows.monitoring.reference import given
from pricing.normalise import fold, words_of
from pricing.schema import CATEGORY_FIELDS

Array = npt.NDArray[np.float64]

_ROWS: Final = 2_000
_FOLDS: Final = 5
_WORDS: Final = 4_000
_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Separation:
    """Scores of both samples (higher: more like the window) and the terms that tell them apart."""

    reference: Array
    window: Array
    terms: tuple[str, ...]


def separate(reference: pd.DataFrame, window: pd.DataFrame, rng: np.random.Generator) -> Separation:
    """Tell `window` from `reference`; both have FIELDS, with the same habits of leaving optional ones out."""
    reference, window = _sampled(reference, rng), _sampled(window, rng)
    terms = [*_terms(reference), *_terms(window)]
    label = np.repeat([0, 1], [len(reference), len(window)])
    vectoriser = CountVectorizer(analyzer=list, binary=True, min_df=3, max_features=_WORDS)
    try:
        matrix = vectoriser.fit_transform(terms)
    except ValueError:  # no term occurs three times: nothing to tell apart by
        return Separation(np.zeros(len(reference)), np.zeros(len(window)), ())
    scores = np.empty(len(label))
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=int(rng.integers(2**31)))
    for fit, held in folds.split(matrix, label):
        scores[held] = _classifier().fit(matrix[fit], label[fit]).decision_function(matrix[held])
    weights = _classifier().fit(matrix, label).coef_[0]
    return Separation(scores[label == 0], scores[label == 1], _telling(vectoriser, weights))


def _classifier() -> LogisticRegression:
    return LogisticRegression(C=0.05, solver="liblinear", class_weight="balanced")


def _sampled(wines: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    return wines if len(wines) <= _ROWS else wines.iloc[rng.choice(len(wines), _ROWS, replace=False)]


def _terms(wines: pd.DataFrame) -> list[list[str]]:
    rows = [list(set(words_of(str(text)))) for text in wines["description"].fillna("")]
    for field in (*CATEGORY_FIELDS, "millesime"):
        for position in np.flatnonzero(given(wines, field)):
            rows[position].append(f"{field} {fold(str(wines[field].iloc[position]))}")
    for row, band in zip(rows, _bands(wines), strict=True):
        row.extend(band)
    return rows


def _bands(wines: pd.DataFrame) -> Iterator[list[str]]:
    points = wines["points"] if "points" in wines else pd.Series(np.nan, index=wines.index)
    lengths = [len(str(text).split()) for text in wines["description"].fillna("")]
    for length, point in zip(lengths, pd.to_numeric(points, errors="coerce"), strict=True):
        band = [f"length {length // 10 * 10}"]
        yield band if np.isnan(point) else [*band, f"points {int(point)}"]


def _telling(vectoriser: CountVectorizer, weights: Array) -> tuple[str, ...]:
    names = vectoriser.get_feature_names_out()
    return tuple(str(names[position]) for position in np.argsort(-weights)[:_SHOWN])
