"""The record path: a wine in, its price out, without DataFrames."""

from __future__ import annotations

import math
import operator
import zlib
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pricing import cautions
from pricing.encodings import BASE, GROUPINGS, WIDTH
from pricing.estimate import Estimate, Explanation, RequestWarning
from pricing.explain import explain
from pricing.heads import Head, cell, route
from pricing.intervals import SMALLEST_ERROR, bounds
from pricing.knowledge import ERROR, LANGUAGE, Knowledge, place_numbers, points_numbers
from pricing.normalise import FIRST_VINTAGE, fold
from pricing.producers import measure
from pricing.reading import Reading, read
from pricing.schema import CATEGORY_FIELDS
from pricing.terms import text_weight
from pricing.trees import Trees
from pricing.wine import Wine

Floats = npt.NDArray[np.float64]

NAN: Final = float("nan")
OWN: Final = 9
DENSE: Final = OWN + WIDTH
"""Inputs of the trees before the watched words: nine of the wine's own, then its groups' statistics."""

_PARTS: Final = tuple(
    (group.parts[0], group.parts[1] if len(group.parts) > 1 else None) for group in GROUPINGS
)
FEW_WORDS: Final = 3
KNOWN_SHARE: Final = 0.6
"""A description is doubted under this many known words, or this share of its words."""


class Sight(NamedTuple):
    """What the trees see of one wine: `inputs` (DENSE,), watched words, and where to start from."""

    head: Head
    cell: int
    inputs: Floats
    watched: list[int]
    start: float
    codes: tuple[int, ...]
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
        self._codes = [codes_of(knowledge.names[field]) for field in CATEGORY_FIELDS]
        self._places, self._statistics = knowledge.encodings.places()
        self._ridge = knowledge.ridge.T.tolist()
        self._ridge_numbers = knowledge.ridge_numbers.T.tolist()
        self._ridge_intercepts = knowledge.ridge_intercepts.tolist()
        self._watched = {int(column): DENSE + place for place, column in enumerate(knowledge.watched)}
        self._trees = {head: Trees(knowledge.trees[head.name]) for head in Head}
        self._error = Trees(knowledge.trees[ERROR])
        self._bounds = bounds(knowledge.calibration, coverage)
        self._names = cautions.NameWarnings(knowledge.names)

    def score(self, wine: Wine) -> Estimate:
        """Price of one wine."""
        reading = read(wine)
        sight = self.see(reading)
        trees, error = self._trees[sight.head], self._error
        trees.row[:DENSE] = error.row[:DENSE] = sight.inputs
        if trees.width > DENSE:
            trees.row[DENSE:] = 0.0
            trees.row[sight.watched] = 1.0
        log_price = sight.start + trees.predict_row()
        error.row[DENSE:] = log_price, sight.head
        return self._estimate(wine, reading, sight, log_price, error.predict_row())

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
        for head, trees in self._trees.items():
            rows = [row for row, sight in enumerate(sights) if sight.head is head]
            if rows:
                prices[rows] += trees.predict(_inputs([sights[row] for row in rows], trees.width))
        return prices

    def see(self, reading: Reading) -> Sight:
        """What the trees see of a wine."""
        know = self._knowledge
        head = route(reading.variety, reading.winery, reading.region, reading.designation, reading.points)
        text, known_words = know.index.text_columns(reading.words)
        places = know.index.place_columns(reading)
        numbers = place_numbers(reading, know.years)
        required = self._linear(0, text, places, numbers)
        heard = self._hear(text, places, numbers)
        codes = self._codes_of(reading)
        if head is Head.REQUIRED:
            base, premium, support, start = NAN, NAN, NAN, (required + heard) / 2.0
        else:
            names = places + know.index.optional_columns(reading)
            base = self._linear(head, text, names, (*numbers, *points_numbers(reading.points)))
            premium, support = self._premium(reading, codes, base)
            start = base + (premium if support > 0 else 0.0)
        year = NAN if reading.year is None else reading.year
        points = NAN if reading.points is None else reading.points
        inputs = np.empty(DENSE)
        length = math.log1p(len(reading.words))
        inputs[:OWN] = required, heard, base, premium, support, year, length, len(text), points
        inputs[OWN:] = self._statistics[self._group_places(codes)].ravel()
        watched = [place for place in map(self._watched.get, text) if place is not None]
        return Sight(
            head, cell(head, reading.winery, reading.points), inputs, watched, start, codes, known_words
        )

    def _linear(self, head: int, text: list[int], names: list[int], numbers: tuple[float, ...]) -> float:
        """Log price by the linear model of a head."""
        weight = self._ridge[head].__getitem__
        total = text_weight(len(text)) * sum(map(weight, text)) + sum(map(weight, names))
        total += sum(map(operator.mul, self._ridge_numbers[head], numbers)) + self._ridge_intercepts[head]
        return float(total)

    def _hear(self, text: list[int], places: list[int], numbers: tuple[float, ...]) -> float:
        """Log price by the networks."""
        network = self._knowledge.network
        weights = np.array([text_weight(len(text))] * len(text) + [1.0] * len(places))
        return network.price(network.hear(np.array(text + places, np.intp), weights), numbers)

    def _codes_of(self, reading: Reading) -> tuple[int, ...]:
        country, province, variety, winery, region = self._codes
        return (
            country.get(reading.country, -1),
            province.get(reading.province, -1),
            variety.get(reading.variety, -1),
            winery.get(reading.winery, -1),
            region.get(reading.region, -1),
            -1 if reading.year is None else reading.year - FIRST_VINTAGE,
        )

    def _group_places(self, codes: tuple[int, ...]) -> list[int]:
        """Places of the wine's groups. A key with an unknown part (-1) is in no table."""
        return [
            places.get(codes[first] if second is None else codes[first] * BASE + codes[second], 0)
            for places, (first, second) in zip(self._places, _PARTS, strict=True)
        ]

    def _premium(self, reading: Reading, codes: tuple[int, ...], base: float) -> tuple[float, float]:
        """Premium and support by the producer's other wines; NaN when no producer is given."""
        if not reading.winery:
            return NAN, NAN
        if codes[3] < 0:
            return 0.0, 0.0
        know = self._knowledge
        year = know.years[3] if reading.year is None else reading.year
        return know.producers.premium(
            codes[3],
            (codes[2], codes[4], designation_code(reading.designation)),
            measure(float(year), reading.points or 0.0, base, know.encodings.mean),
            with_points=reading.points is not None,
        )

    def _errors(self, sights: Sequence[Sight], log_prices: Floats) -> Floats:
        if not sights:
            return np.zeros(0)
        inputs = np.array([sight.inputs for sight in sights])
        return self._error.predict(
            np.column_stack([inputs, log_prices, [int(sight.head) for sight in sights]])
        )

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
            warnings=self._warnings(wine, reading, sight),
        )

    def _warnings(self, wine: Wine, reading: Reading, sight: Sight) -> tuple[RequestWarning, ...]:
        found = [
            self._names.of(field, getattr(wine, field))
            for field, code in zip(CATEGORY_FIELDS, sight.codes, strict=False)
            if code < 0 and getattr(reading, field)
        ]
        first, last = self._knowledge.years[:2]
        if reading.year is None:
            found.append(cautions.no_vintage())
        elif not first <= reading.year <= last:
            found.append(cautions.vintage_out_of_range(reading.year, first, last))
        if sight.known_words < max(FEW_WORDS, KNOWN_SHARE * len(reading.words)):
            words = len(set(reading.words))
            if sight.known_words < max(FEW_WORDS, KNOWN_SHARE * words):
                found.append(cautions.few_known_words(sight.known_words, words, self.training_language))
        return tuple(found)


def codes_of(names: Sequence[str]) -> dict[str, int]:
    """Folded name → its place among the names."""
    return {fold(name): code for code, name in enumerate(names)}


def _inputs(sights: Sequence[Sight], width: int) -> Floats:
    inputs = np.zeros((len(sights), width))
    inputs[:, :DENSE] = [sight.inputs for sight in sights]
    if width > DENSE:
        for row, sight in enumerate(sights):
            inputs[row, sight.watched] = 1.0
    return inputs


def designation_code(designation: str) -> int:
    """A number for a folded designation; -1 for none."""
    return zlib.crc32(designation.encode()) if designation else -1
