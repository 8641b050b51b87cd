"""The record path up to the trees: readings in, their inputs out.

One wine goes without the set-up of array operations over many; sums of term vectors are exact, so
both ways give the same figures (a test holds them to 1e-9).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from operator import add, mul
from typing import Final, NamedTuple

import numpy as np

from pricing.arrays import Codes, Floats
from pricing.model.experts import REQUIRED, route
from pricing.model.feature_layout import DENSE, OWN, POINTS, PREMIUM, START, SUPPORT, start_of
from pricing.model.producer_process import query_of
from pricing.model.ragged import Ragged
from pricing.model.score_scale import STEPS, rising, rising_one
from pricing.model.state import Knowledge, Layer, age_numbers, codes_of, note_numbers
from pricing.model.target_encoding import BASE, GROUPINGS
from pricing.model.vocabulary import text_weight
from pricing.wine.schema import CATEGORY_FIELDS
from pricing.wine.tokens import Reading

NAN: Final = float("nan")
NOTES_REMEMBERED: Final = 256
"""Lengths of notes whose numbers are kept."""

PLACES_REMEMBERED: Final = 1024
"""Vintages of places whose terms are kept: most requests are about the same ones."""

NAMES_REMEMBERED: Final = 2048
"""Varieties of regions whose terms' sum is kept (1.6 kB each)."""

SMALL_BATCH: Final = 256
"""Up to this many wines are looked up one by one: array operations over many have a set-up of their own."""

_PAIRS: Final = tuple((group.parts[0], group.parts[-1], len(group.parts) > 1) for group in GROUPINGS)


class PlaceTerms(NamedTuple):
    """What all wines of one place and vintage share: the sum of their terms' vectors, codes of the country
    and the province, numbers of the age.
    """

    summed: Floats
    codes: tuple[int, int]
    age: tuple[float, ...]


class Terms(NamedTuple):
    """One reading in the model's terms: its place, the sum of the vectors of variety and region where any
    optional field is given, columns of the designation, codes of all names, the numbers of linear models and
    networks, the weight of the text, and vintage, known words, known terms and points for the trees.
    """

    head: int
    place: PlaceTerms
    names: Floats | None
    designation: Sequence[int]
    known_words: int
    codes: tuple[int, ...]
    numbers: tuple[float, ...]
    weight: float
    own: tuple[float, ...]


class Features(NamedTuple):
    """What the trees see of n wines: columns of their texts, `inputs` (n, DENSE) and the log price
    `start` (n,) that they mend.
    """

    terms: list[Terms]
    texts: Ragged
    heads: Codes
    inputs: Floats
    start: Floats


class FeatureReader:
    """Turns readings into features by what the model knows."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._know = knowledge
        self._codes = [codes_of(knowledge.names[field]) for field in CATEGORY_FIELDS]
        places, self._statistics = knowledge.encodings.places()
        self._groups = tuple(zip(places, _PAIRS, strict=True))
        self._coefficients = knowledge.ridge_numbers.T.copy()
        self._linear_models = list(
            zip(self._coefficients.tolist(), knowledge.ridge_intercepts.tolist(), strict=True)
        )
        self._linear_rises = knowledge.ridge_slopes.T @ STEPS
        self._rise_by_line = self._linear_rises.tolist()  # some figures are sooner added without an array
        self._note_numbers = lru_cache(maxsize=NOTES_REMEMBERED)(note_numbers)
        self._place = lru_cache(maxsize=PLACES_REMEMBERED)(self._terms_of_place)
        self._names = lru_cache(maxsize=NAMES_REMEMBERED)(self._sum_of_names)
        self._layers = [(layer, layer.heads[0]) for layer in knowledge.layers for _ in layer.heads]

    def read_one(self, reading: Reading) -> tuple[Terms, Codes, Floats, float]:
        """Terms, columns of the text, inputs (DENSE,) and start of one wine."""
        columns, known, known_words = self._know.index.text_columns(reading.words)
        text = np.array(columns, dtype=np.int64)  # once: each of its uses would make one
        terms = self._terms(reading, known, known_words)
        layer, first = self._layers[terms.head]
        summed = layer.vectors.sum(text) * terms.weight + terms.place.summed
        if terms.names is not None:
            summed += terms.names
        if terms.designation:
            summed += layer.vectors.sum(terms.designation)
        coefficients, intercept = self._linear_models[terms.head]
        linear = summed.item(terms.head - first) + sum(map(mul, coefficients, terms.numbers)) + intercept
        if terms.head == REQUIRED:
            linear += self._know.crossed.sum(text, terms.codes) * terms.weight
        embedded, points = summed[len(layer.heads) :], reading.points
        rise: list[float] = []
        if points is None:
            networks = layer.ensemble.price_one(embedded, terms.numbers)
        else:
            networks, of_networks = layer.ensemble.price_and_rise_of_one(embedded, terms.numbers)
            rise = list(map(start_of, self._rise_by_line[terms.head], of_networks.tolist()))
        start = start_of(linear, networks)
        premium = support = NAN
        if reading.winery:
            know, producer = self._know, terms.codes[3]
            query = np.array(query_of(reading, terms.codes, know.years[3], start, know.mean))
            premium, support = know.producers.premium(producer, query, with_points=bool(rise))
            start += premium
            if rise:
                rise = list(map(add, rise, know.producers.curves[producer].tolist()))
        own_start = NAN
        if points is not None:
            start = own_start = start + rising_one(rise, points)
        inputs = np.empty(DENSE)
        inputs[:OWN] = linear, networks, premium, support, *terms.own, own_start
        inputs[OWN:] = self._statistics.take(self._places(terms.codes), axis=0).ravel()
        return terms, text, inputs, start

    def read(self, readings: Sequence[Reading]) -> Features:
        """Features of n wines, in order."""
        texts, known_words = self._know.index.columns_of_texts([reading.words for reading in readings])
        terms = list(map(self._terms, readings, texts.sizes.tolist(), known_words))
        heads = np.array([each.head for each in terms])
        linear, networks, rise = self._first_layer(terms, texts, heads)
        start = start_of(linear, networks)
        inputs = np.empty((len(terms), DENSE))
        inputs[:, 0], inputs[:, 1] = linear, networks
        inputs[:, SUPPORT + 1 : START] = [each.own for each in terms]
        inputs[:, START] = NAN
        inputs[:, OWN:] = self._statistics_of(terms)
        self._add_producers(readings, terms, inputs, start, rise)
        scored = ~np.isnan(inputs[:, POINTS])
        if scored.any():
            start[scored] += rising(rise[scored], inputs[scored, POINTS])
            inputs[scored, START] = start[scored]
        return Features(terms, texts, heads, inputs, start)

    def _terms(self, reading: Reading, known: int, known_words: int) -> Terms:
        head = route(reading.variety, reading.winery, reading.region, reading.designation, reading.points)
        names, designation = None, reading.designation
        if head is not REQUIRED:
            names = self._names(head, reading.variety, reading.province, reading.region)
        year, points = reading.year, reading.points
        place = self._place(head, reading.country, reading.province, year)
        return Terms(
            int(head), place, names, self._know.index.designation_columns(designation) if designation else (),
            known_words, place.codes + self._optional_codes(reading),
            place.age + self._note_numbers(known_words) + (float(points is not None),),
            text_weight(known),
            (NAN if year is None else year, known_words, known, NAN if points is None else points),
        )  # fmt: skip

    def _terms_of_place(self, head: int, country: str, province: str, year: int | None) -> PlaceTerms:
        codes = self._codes
        return PlaceTerms(
            self._layers[head][0].vectors.sum(self._know.index.place_columns(country, province, year)),
            (codes[0].get(country, -1), codes[1].get(province, -1)),
            age_numbers(year, self._know.years),
        )

    def _sum_of_names(self, head: int, variety: str, province: str, region: str) -> Floats:
        columns = self._know.index.name_columns(variety, province, region)
        return self._layers[head][0].vectors.sum(columns)

    def _optional_codes(self, reading: Reading) -> tuple[int, int, int]:
        _, _, variety, winery, region = self._codes
        return (
            variety.get(reading.variety, -1),
            winery.get(reading.winery, -1),
            region.get(reading.region, -1),
        )

    def _statistics_of(self, terms: list[Terms]) -> Floats:
        """Statistics (n, WIDTH) of the wines' groups."""
        if len(terms) > SMALL_BATCH:
            return self._know.encodings.of(np.array([each.codes for each in terms]))
        places = [self._places(each.codes) for each in terms]
        return self._statistics.take(places, axis=0).reshape(len(terms), -1)

    def _places(self, codes: tuple[int, ...]) -> list[int]:
        """Where the statistics of each group stand; 0 for what is not provided or known."""
        return [
            known.get(codes[first] * BASE + codes[last] if two else codes[first], 0)
            if codes[first] >= 0 <= codes[last]
            else 0
            for known, (first, last, two) in self._groups
        ]

    def _first_layer(self, terms: list[Terms], texts: Ragged, heads: Codes) -> tuple[Floats, Floats, Floats]:
        """Log price (n,) by the linear models and by the networks, and what each score adds (n, SCORES)."""
        linear, networks = np.empty(len(terms)), np.empty(len(terms))
        rise = np.zeros((len(terms), STEPS.shape[1]))
        for layer in self._know.layers:
            first, lines = layer.heads[0], len(layer.heads)
            rows = np.flatnonzero((heads >= first) & (heads < first + lines))
            if not len(rows):
                continue
            own, head = [terms[row] for row in rows.tolist()], heads[rows]
            summed = _summed(layer, texts.take(rows), own)
            numbers = np.array([each.numbers for each in own])
            by_line = summed[np.arange(len(own)), head - first] + self._know.ridge_intercepts[head]
            linear[rows] = by_line + np.einsum("nm,nm->n", numbers, self._coefficients[head])
            if first == REQUIRED:
                crosses = self._know.crossed.sums(texts.take(rows), np.array([each.codes for each in own]))
                linear[rows] += crosses * np.array([each.weight for each in own])
                networks[rows] = layer.ensemble.price(summed[:, lines:], numbers)
            else:
                networks[rows], own_rise = layer.ensemble.price_and_rise(summed[:, lines:], numbers)
                rise[rows] = start_of(self._linear_rises[head], own_rise)
        return linear, networks, rise

    def _add_producers(
        self, readings: Sequence[Reading], terms: list[Terms], inputs: Floats, start: Floats, rise: Floats
    ) -> None:
        """Premium and support from the producer's other wines, NaN where no producer is provided."""
        know = self._know
        inputs[:, PREMIUM] = inputs[:, SUPPORT] = NAN
        for with_points in (False, True):
            rows = [
                row
                for row, reading in enumerate(readings)
                if reading.winery and (reading.points is not None) is with_points
            ]
            if rows:
                usual, mean, base = know.years[3], know.mean, start[rows].tolist()
                query = np.array(
                    [
                        query_of(readings[row], terms[row].codes, usual, own, mean)
                        for row, own in zip(rows, base, strict=True)
                    ]
                )
                codes = np.array([terms[row].codes[3] for row in rows])
                premium, support = know.producers.premiums(codes, query, with_points=with_points)
                inputs[rows, PREMIUM], inputs[rows, SUPPORT] = premium, support
                start[rows] += premium
                if with_points:
                    rise[rows] += know.producers.curves[codes]


def _summed(layer: Layer, texts: Ragged, terms: list[Terms]) -> Floats:
    """Sum of the vectors of all terms of n wines of the layer's heads (n, width), added as for one wine."""
    size, designations = len(terms), [each.designation for each in terms]
    parts = texts.followed_by(Ragged.of(designations)) if any(designations) else texts
    sums = layer.vectors.sums(parts)
    summed: Floats = sums[:size] * np.array([each.weight for each in terms])[:, None]
    summed += np.array([each.place.summed for each in terms])
    if layer.heads[0] != REQUIRED:
        summed += np.array([each.names for each in terms])
    if len(sums) > size:
        summed += sums[size:]
    return summed
