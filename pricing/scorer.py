"""The record path: a wine in, its price out, without DataFrames."""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pricing import cautions
from pricing.encodings import BASE, GROUPINGS, STATISTICS
from pricing.estimate import Estimate, Explanation, RequestWarning
from pricing.explain import explain
from pricing.heads import Head, cell, route
from pricing.intervals import SMALLEST_ERROR, bounds
from pricing.knowledge import ERROR, LANGUAGE, Knowledge, place_numbers, points_numbers
from pricing.normalise import FIRST_VINTAGE, fold
from pricing.producers import Cellar, cellar
from pricing.reading import Reading, read
from pricing.schema import CATEGORY_FIELDS
from pricing.terms import text_weight
from pricing.trees import Trees
from pricing.wine import Wine

Floats = npt.NDArray[np.float64]

NAN: Final = float("nan")
_UNSEEN: Final = [NAN] * STATISTICS
FEW_WORDS: Final = 3
KNOWN_SHARE: Final = 0.6
"""A description is doubted under this many known words, or this share of its words."""


class Sight(NamedTuple):
    """What the trees see of one wine: `inputs` (dense,), watched words, and where to start from."""

    head: Head
    cell: int
    inputs: list[float]
    watched: list[int]
    start: float
    known_words: int


class Scorer:
    """Scores wines one by one or many at a time; both paths give the same numbers.

    One thread at a time: the trees' input row is shared between calls.
    """

    training_language = LANGUAGE

    def __init__(self, knowledge: Knowledge, coverage: float) -> None:
        self.coverage = coverage
        self.categories: Mapping[str, tuple[str, ...]] = knowledge.names
        self._knowledge = knowledge
        self._codes = {
            field: {fold(name): code for code, name in enumerate(names)}
            for field, names in knowledge.names.items()
        }
        self._tables = knowledge.encodings.tables()
        self._watched = {int(column): place for place, column in enumerate(knowledge.watched)}
        self._trees = {head: Trees(knowledge.trees[head.name]) for head in Head}
        self._error = Trees(knowledge.trees[ERROR])
        self._bounds = bounds(knowledge.calibration, coverage)
        self._names = cautions.NameWarnings(knowledge.names)

    def score(self, wine: Wine) -> Estimate:
        """Price of one wine."""
        reading = read(wine)
        sight = self.see(reading)
        trees = self._trees[sight.head]
        dense = len(sight.inputs)
        trees.row[:dense] = sight.inputs
        if trees.width > dense:
            trees.row[dense:] = 0.0
            trees.row[[dense + place for place in sight.watched]] = 1.0
        log_price = sight.start + trees.predict_row()
        self._error.row[:dense] = sight.inputs
        self._error.row[dense:] = log_price, sight.head
        return self._estimate(wine, reading, sight, log_price, self._error.predict_row())

    def score_batch(self, wines: Sequence[Wine]) -> list[Estimate]:
        """Prices of many wines, in order."""
        readings = [read(wine) for wine in wines]
        sights = [self.see(reading) for reading in readings]
        log_prices = self.log_prices(sights)
        errors = self._errors(sights, log_prices)
        return [
            self._estimate(wine, reading, sight, log_price, error)
            for wine, reading, sight, log_price, error in zip(
                wines, readings, sights, log_prices.tolist(), errors.tolist(), strict=True
            )
        ]

    def explain(self, wine: Wine) -> Explanation:
        """What moved the price, as factors that multiply to it."""
        return explain(self, wine)

    def log_prices(self, sights: Sequence[Sight]) -> Floats:
        """Log price (n,) of wines already seen."""
        prices = np.array([sight.start for sight in sights])
        for head in Head:
            rows = [row for row, sight in enumerate(sights) if sight.head is head]
            if rows:
                prices[rows] += self._trees[head].predict(self._inputs([sights[row] for row in rows]))
        return prices

    def see(self, reading: Reading) -> Sight:
        """What the trees see of a wine."""
        know = self._knowledge
        head = route(reading.variety, reading.winery, reading.region, reading.designation, reading.points)
        text, known_words = know.index.text_columns(reading.words)
        places = know.index.place_columns(reading)
        weight = text_weight(len(text))
        weights = np.array([weight] * len(text) + [1.0] * len(places))
        columns = np.array(text + places, dtype=np.intp)
        numbers = place_numbers(reading, know.years)
        linear = self._linear(reading, head, columns, weights, numbers)
        heard = know.network.price_one(
            know.network.hear(columns, weights.astype(np.float32)),
            np.array([numbers] * len(know.network.layers[0]), dtype=np.float32),
        )
        codes = self._codes_of(reading)
        premium, support = self._premium(reading, codes, float(linear[head]))
        start = (
            (linear[0] + heard) / 2.0
            if head is Head.REQUIRED
            else linear[head] + (premium if support > 0 else 0.0)
        )
        inputs = [
            float(linear[0]),
            heard,
            NAN if head is Head.REQUIRED else float(linear[head]),
            premium,
            support,
            NAN if reading.year is None else float(reading.year),
            math.log1p(len(reading.words)),
            float(len(text)),
            NAN if reading.points is None else reading.points,
        ]
        for grouping, table in zip(GROUPINGS, self._tables, strict=True):
            inputs += _statistics(codes, grouping.parts, table)
        watched = [self._watched[column] for column in text if column in self._watched]
        return Sight(
            head, cell(head, reading.winery, reading.points), inputs, watched, float(start), known_words
        )

    def _linear(
        self,
        reading: Reading,
        head: Head,
        columns: npt.NDArray[np.intp],
        weights: Floats,
        numbers: tuple[float, ...],
    ) -> Floats:
        """The linear models' log prices (4,); only those of REQUIRED and of `head` are meant."""
        know = self._knowledge
        total = weights @ know.ridge[columns] + know.ridge_intercepts + numbers @ know.ridge_numbers[:3]
        if head is not Head.REQUIRED:
            optional = know.index.optional_columns(reading)
            extra = know.ridge[optional].sum(axis=0) + points_numbers(reading.points) @ know.ridge_numbers[3:]
            extra[0] = 0.0
            total = total + extra
        return np.asarray(total)

    def _codes_of(self, reading: Reading) -> tuple[int, ...]:
        codes = self._codes
        return (
            codes["country"].get(reading.country, -1),
            codes["province"].get(reading.province, -1),
            codes["variety"].get(reading.variety, -1),
            codes["winery"].get(reading.winery, -1),
            codes["region"].get(reading.region, -1),
            -1 if reading.year is None else reading.year - FIRST_VINTAGE,
        )

    def _premium(self, reading: Reading, codes: tuple[int, ...], base: float) -> tuple[float, float]:
        if not reading.winery:
            return NAN, NAN
        if codes[3] < 0:
            return 0.0, 0.0
        asked = self._asked(reading, codes, base)
        return self._knowledge.producers.premium(codes[3], asked, with_points=reading.points is not None)

    def _asked(self, reading: Reading, codes: tuple[int, ...], base: float) -> Cellar:
        year = self._knowledge.years[3] if reading.year is None else reading.year
        return cellar(
            np.array([[codes[2]], [codes[4]], [designation_code(reading.designation)]]),
            np.array([float(year)]),
            np.array([reading.points or 0.0]),
            np.array([base]),
            self._knowledge.encodings.mean,
        )

    def _inputs(self, sights: Sequence[Sight]) -> Floats:
        head = sights[0].head
        dense = len(sights[0].inputs)
        inputs = np.zeros((len(sights), self._trees[head].width))
        inputs[:, :dense] = [sight.inputs for sight in sights]
        if inputs.shape[1] > dense:
            for row, sight in enumerate(sights):
                inputs[row, [dense + place for place in sight.watched]] = 1.0
        return inputs

    def _errors(self, sights: Sequence[Sight], log_prices: Floats) -> Floats:
        if not sights:
            return np.zeros(0)
        inputs = [
            [*sight.inputs, price, sight.head]
            for sight, price in zip(sights, log_prices.tolist(), strict=True)
        ]
        return self._error.predict(np.array(inputs))

    def _estimate(
        self, wine: Wine, reading: Reading, sight: Sight, log_price: float, error: float
    ) -> Estimate:
        error = max(error, SMALLEST_ERROR)
        low, high = self._bounds[sight.cell]
        return Estimate(
            price=math.exp(log_price),
            low=math.exp(log_price + low * error),
            high=math.exp(log_price + high * error),
            coverage=self.coverage,
            log_price=log_price,
            expected_error=error,
            warnings=self._warnings(wine, reading, sight.known_words),
        )

    def _warnings(self, wine: Wine, reading: Reading, known: int) -> tuple[RequestWarning, ...]:
        found = []
        for field in CATEGORY_FIELDS:
            key = getattr(reading, field)
            if key and key not in self._codes[field]:
                found.append(self._names.of(field, getattr(wine, field)))
        first, last = self._knowledge.years[:2]
        if reading.year is None:
            found.append(cautions.no_vintage())
        elif not first <= reading.year <= last:
            found.append(cautions.vintage_out_of_range(reading.year, first, last))
        words = len(set(reading.words))
        if known < FEW_WORDS or known < KNOWN_SHARE * words:
            found.append(cautions.few_known_words(known, words, self.training_language))
        return tuple(found)


def designation_code(designation: str) -> int:
    """A number for a folded designation; -1 for none."""
    return zlib.crc32(designation.encode()) if designation else -1


def _statistics(
    codes: tuple[int, ...], parts: tuple[int, ...], table: Mapping[int, list[float]]
) -> list[float]:
    key = 0
    for part in parts:
        if codes[part] < 0:
            return _UNSEEN
        key = key * BASE + codes[part]
    return table.get(key, _UNSEEN)
