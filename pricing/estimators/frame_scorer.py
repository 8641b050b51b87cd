"""The record path of an estimator that predicts frames: the same answers, warnings and explanations."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import compress
from typing import Protocol

from pricing.arrays import Floats
from pricing.estimators.known_names import KnownNames
from pricing.model.state import LANGUAGE
from pricing.scoring import warnings
from pricing.scoring.explain import explain
from pricing.wine.estimate import Estimate, Explanation, RequestWarning
from pricing.wine.request import Wine
from pricing.wine.tokens import Reading, read


class PredictsReadings(Protocol):
    """What a frame scorer needs of its model."""

    def log_prices(self, readings: Sequence[Reading]) -> Floats: ...

    def figures(self, readings: Sequence[Reading], coverage: float | None = None) -> Floats: ...


class FrameScorer:
    """Scores wines by a model of frames. Safe to share between threads as far as the model is."""

    training_language = LANGUAGE

    def __init__(self, model: PredictsReadings, names: KnownNames, coverage: float) -> None:
        self.coverage = coverage
        self.categories = names.categories
        self.hierarchy = names.hierarchy
        self.typical = names.typical()
        self._model = model
        self._first, self._last, _ = names.years
        self._reader = names.reader()
        self._words = frozenset(names.words)
        self._names = warnings.NameWarnings(names.categories)

    def read(self, wine: Wine) -> Reading:
        """A wine as this model reads it."""
        return read(wine, self._reader)

    def score(self, wine: Wine) -> Estimate:
        """Price of one wine."""
        return self.score_batch([wine])[0]

    def score_batch(self, wines: Sequence[Wine]) -> list[Estimate]:
        """Prices of many wines, in order."""
        readings = [self.read(wine) for wine in wines]
        notes = [self._about_note(reading) for reading in readings]
        figures = self._model.figures(readings, self.coverage).tolist()
        bare = iter(self._bare_offsets(list(compress(readings, map(warnings.doubted, notes)))))
        return [
            self._estimate(reading, note, own, next(bare) if warnings.doubted(note) else None)
            for reading, note, own in zip(readings, notes, figures, strict=True)
        ]

    def _bare_offsets(self, readings: Sequence[Reading]) -> list[tuple[float, float]]:
        """How far the intervals of these reach below and above the log price when nothing is said of them."""
        if not readings:
            return []
        bare = self._model.figures([reading._replace(words=[]) for reading in readings], self.coverage)
        return [(low - log_price, high - log_price) for log_price, low, high, _ in bare.tolist()]

    def _estimate(
        self,
        reading: Reading,
        note: Sequence[RequestWarning],
        figures: Sequence[float],
        bare: tuple[float, float] | None,
    ) -> Estimate:
        """The answer, whose interval reaches at least as far as `bare`, where the note is doubted."""
        log_price, low, high, error = figures
        if bare is not None:
            low, high = min(low, log_price + bare[0]), max(high, log_price + bare[1])
        return Estimate(
            price=math.exp(log_price),
            low=math.exp(low),
            high=math.exp(high),
            coverage=self.coverage,
            log_price=log_price,
            expected_error=error,
            warnings=(*self._warnings(reading), *note),
            language=reading.language,
        )

    def explain(self, wine: Wine) -> Explanation:
        """What moved the price, as factors that multiply to it."""
        return explain(self, wine)

    def log_prices(self, readings: Sequence[Reading]) -> Floats:
        """Log price (n,) of readings."""
        return self._model.log_prices(readings)

    def _warnings(self, reading: Reading) -> Iterator[RequestWarning]:
        yield from map(self._names.of, reading.facts)
        if reading.year is None:
            yield warnings.no_vintage()
        elif not self._first <= reading.year <= self._last:
            yield warnings.vintage_out_of_range(reading.year, self._first, self._last)

    def _about_note(self, reading: Reading) -> Sequence[RequestWarning]:
        if reading.oddity:
            return [warnings.odd_note(reading.oddity)]
        words = set(reading.words)
        return warnings.of_note(reading.language, len(words & self._words), len(words))
