"""The record path: a wine in, its price out, without DataFrames."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache, partial
from itertools import compress
from typing import Final, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from pricing.arrays import Floats
from pricing.model.boosted_trees import Trees
from pricing.model.conformal import SMALLEST_ERROR, bounds
from pricing.model.experts import Head, calibration_group
from pricing.model.feature_layout import DENSE
from pricing.model.ragged import Ragged
from pricing.model.state import ERROR, LANGUAGE, Knowledge
from pricing.scoring import warnings
from pricing.scoring.explain import explain
from pricing.scoring.features import FeatureReader, Features, Terms
from pricing.wine.estimate import Estimate, Explanation, RequestWarning
from pricing.wine.languages.lexicon import TRANSLATED
from pricing.wine.languages.note import load_lexicons
from pricing.wine.languages.recognition import ENGLISH
from pricing.wine.places.name_reader import NameReader
from pricing.wine.request import Wine
from pricing.wine.text import fold
from pricing.wine.tokens import Reading, read

REACH: Final = math.log(2.0)
"""A log price may lie beyond those of training by this much, whatever a request says."""

COVERAGES_REMEMBERED: Final = 8
"""A frame is scored by a call for each coverage, and the table of bounds takes longer than a wine."""

FEW_WINES: Final = 4
"""Up to this many are scored one by one: array operations over many have a set-up of their own."""


TRANSLATED_ERROR: Final = 1.06
"""How many times further off a price may be from a note that a lexicon has read. Lexicons give two words of
three in English notes: without the others held-out wines of the training file are 1.06 times further off with
the required fields (RMSE), 1.02 times with names.
"""


class Scored(NamedTuple):
    """A reading in the model's terms, its log price, and the expected absolute error of that."""

    terms: Terms
    log_price: float
    expected_error: float


class Scorer:
    """Scores wines one by one or many at a time; both ways give the same figures.

    One thread at a time: the trees' input row is shared between calls.
    """

    training_language = LANGUAGE

    def __init__(self, knowledge: Knowledge, coverage: float) -> None:
        self.coverage = coverage
        self.categories: Mapping[str, tuple[str, ...]] = knowledge.names
        self.hierarchy = knowledge.hierarchy
        self.typical = typical_reading(knowledge)
        self._years = knowledge.years
        lowest, highest = knowledge.price_range
        self._lowest, self._highest = lowest - REACH, highest + REACH
        self._features = FeatureReader(knowledge)
        self._watched = watched_places(knowledge)
        self._trees = {int(head): Trees(knowledge.trees[head.name]) for head in Head}
        self._error = Trees(knowledge.trees[ERROR])
        self._bounds_of = lru_cache(maxsize=COVERAGES_REMEMBERED)(partial(bounds, knowledge.calibration))
        self._bounds = self._bounds_of(coverage)
        self._names = warnings.NameWarnings(knowledge.names)
        self._reader = NameReader(knowledge.names, knowledge.hierarchy)
        load_lexicons()

    def with_coverage(self, coverage: float) -> Self:
        """The same scorer for intervals of another coverage; everything else is shared."""
        other = copy.copy(self)
        other.coverage = coverage
        other._bounds = self._bounds_of(coverage)
        return other

    def read(self, wine: Wine) -> Reading:
        """A wine as this model reads it."""
        return read(wine, self._reader)

    def score(self, wine: Wine) -> Estimate:
        """Price of one wine."""
        reading = self.read(wine)
        scored = self._score_one(reading)
        note = self._about_note(reading, scored.terms)
        bare = next(self._bare_offsets([reading])) if warnings.doubted(note) else None
        return self._estimate(reading, scored, note, bare)

    def _score_one(self, reading: Reading) -> Scored:
        terms, text, inputs, start = self._features.read_one(reading)
        trees, error = self._trees[terms.head], self._error
        trees.row[:DENSE] = error.row[:DENSE] = inputs
        if trees.width > DENSE:
            trees.row[DENSE:] = 0.0
            trees.row[self._watched.take(text)] = 1.0
        log_price = min(max(start + trees.predict_row(), self._lowest), self._highest)
        error.row[DENSE:] = log_price, terms.head
        expected = max(error.predict_row(), SMALLEST_ERROR)
        return Scored(terms, log_price, expected)

    def score_batch(self, wines: Sequence[Wine]) -> list[Estimate]:
        """Prices of many wines, in order."""
        if len(wines) <= FEW_WINES:
            return [self.score(wine) for wine in wines]
        readings = [read(wine, self._reader) for wine in wines]
        scored = self._score_many(readings)
        notes = [
            self._about_note(reading, each.terms) for reading, each in zip(readings, scored, strict=True)
        ]
        doubted = [warnings.doubted(note) for note in notes]
        bare = self._bare_offsets(list(compress(readings, doubted)))
        return [
            self._estimate(reading, each, note, next(bare) if doubts else None)
            for reading, each, note, doubts in zip(readings, scored, notes, doubted, strict=True)
        ]

    def _score_many(self, readings: Sequence[Reading]) -> list[Scored]:
        """`_score_one` of n readings."""
        features = self._features.read(readings)
        log_prices = self._boosted(features)
        errors = self._errors(features, log_prices)
        return list(map(Scored, features.terms, log_prices.tolist(), errors.tolist()))

    def _bare_offsets(self, doubted: Sequence[Reading]) -> Iterator[tuple[float, float]]:
        """How far the intervals of wines reach below and above the log price when nothing is said of them."""
        bare = [reading._replace(words=[]) for reading in doubted]
        few = len(bare) <= FEW_WINES
        return map(self._offsets, bare, map(self._score_one, bare) if few else self._score_many(bare))

    def explain(self, wine: Wine) -> Explanation:
        """What moved the price, as factors that multiply to it."""
        return explain(self, wine)

    def log_prices(self, readings: Sequence[Reading]) -> Floats:
        """Log price (n,) of readings."""
        return self._boosted(self._features.read(readings))

    def _boosted(self, features: Features) -> Floats:
        """Log price (n,): the start and what the trees of each wine's head add."""
        prices = features.start.copy()
        for head in set(features.heads.tolist()):
            rows = np.flatnonzero(features.heads == head)
            trees = self._trees[head]
            inputs = features.inputs[rows]
            if trees.width > DENSE:
                inputs = self._with_words(inputs, features.texts.take(rows), trees.width)
            prices[rows] += trees.predict(inputs)
        return np.clip(prices, self._lowest, self._highest)

    def _with_words(self, inputs: Floats, texts: Ragged, width: int) -> Floats:
        """The inputs and one more per watched word: whether the description holds it."""
        wide = np.zeros((len(inputs), width))
        wide[:, :DENSE] = inputs
        wide[texts.owners, self._watched[texts.flat]] = 1.0
        return wide

    def _errors(self, features: Features, log_prices: Floats) -> Floats:
        """Expected absolute error of log price (n,)."""
        inputs = np.empty((len(log_prices), DENSE + 2))
        inputs[:, :DENSE], inputs[:, DENSE] = features.inputs, log_prices
        inputs[:, DENSE + 1] = features.heads
        return np.maximum(self._error.predict(inputs), SMALLEST_ERROR)

    def _estimate(
        self,
        reading: Reading,
        scored: Scored,
        note: Sequence[RequestWarning],
        bare: tuple[float, float] | None,
    ) -> Estimate:
        """The answer, whose interval reaches at least as far as `bare`, where the note is doubted."""
        log_price = scored.log_price
        low, high = self._offsets(reading, scored)
        if bare is not None:
            low, high = min(low, bare[0]), max(high, bare[1])
        return Estimate(
            price=math.exp(log_price),
            low=math.exp(log_price + low),
            high=math.exp(log_price + high),
            coverage=self.coverage,
            log_price=log_price,
            expected_error=_expected_error(reading, scored),
            warnings=(*self._warnings(reading), *note),
            language=reading.language,
        )

    def _offsets(self, reading: Reading, scored: Scored) -> tuple[float, float]:
        """How far the interval reaches below and above the log price."""
        terms, expected = scored.terms, _expected_error(reading, scored)
        group = calibration_group(terms.head, reading.winery, reading.points, terms.known_words)
        places, country = self._bounds[group], terms.codes[0]
        low, high = places[country if country < len(places) else -1]
        return low * expected, high * expected

    def _warnings(self, reading: Reading) -> list[RequestWarning]:
        found = [self._names.of(fact) for fact in reading.facts]
        first, last = self._years[:2]
        if reading.year is None:
            found.append(warnings.no_vintage())
        elif not first <= reading.year <= last:
            found.append(warnings.vintage_out_of_range(reading.year, first, last))
        return found

    def _about_note(self, reading: Reading, terms: Terms) -> Sequence[RequestWarning]:
        known = terms.known_words
        if reading.oddity:
            return [warnings.odd_note(reading.oddity)]
        missed = reading.n_words - reading.n_understood
        if reading.language == ENGLISH:
            if known >= max(warnings.FEW_WORDS, warnings.KNOWN_SHARE * len(reading.words)):
                return ()
            return warnings.of_note(reading.language, known, len(set(reading.words)))
        if missed:
            known = min(known, reading.n_understood)
        return warnings.of_note(
            reading.language, known, reading.n_words if missed else len(set(reading.words))
        )


def _expected_error(reading: Reading, scored: Scored) -> float:
    expected = scored.expected_error
    return expected * TRANSLATED_ERROR if reading.language in TRANSLATED else expected


def watched_places(knowledge: Knowledge) -> npt.NDArray[np.int64]:
    """Per column of a term (and the unknown one) its place among the trees' inputs; words that are not
    watched share the last input, which no tree looks at.
    """
    places = np.full(len(knowledge.index.terms) + 1, DENSE + len(knowledge.watched))
    places[knowledge.watched] = DENSE + np.arange(len(knowledge.watched))
    return places


def typical_reading(knowledge: Knowledge) -> Reading:
    """The most usual wine that training saw: place and vintage, without a note or an optional field."""
    country, province = (
        fold(names[0]) if (names := knowledge.names[field]) else "" for field in ("country", "province")
    )
    return Reading(country, province, "", "", "", "", [], knowledge.years[3], None)
