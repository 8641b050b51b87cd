"""What moved a price, as factors computed from the model itself.

Each field's factor is its Shapley value over two orders of the fields, one the reverse of the
other (Castro et al. 2009, antithetic): how the model's log price moves when the field becomes known
after those before it. The description's is shared among its words by leaving each out. Paths begin
at a typical wine: the most usual place and vintage, no note and no optional field. So the description's
factors together are what the note tells, and there are none without one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from pricing.wine.estimate import Explanation, Factor
from pricing.wine.languages.note import given_words
from pricing.wine.places.reading import ReadAs, Unread
from pricing.wine.request import Wine
from pricing.wine.schema import FIELDS
from pricing.wine.text import fold
from pricing.wine.tokens import Reading

WORDS_SHOWN: Final = 6
WORDS_TRIED: Final = 60
_PARTS: Final = {"description": "words", "millesime": "year"}


class PricesReadings(Protocol):
    """What an explanation needs of a scorer; `typical` is the wine that explanations start from."""

    typical: Reading

    def read(self, wine: Wine) -> Reading: ...

    def log_prices(self, readings: Sequence[Reading]) -> npt.NDArray[np.float64]: ...


def explain(scorer: PricesReadings, wine: Wine) -> Explanation:
    """Base price times factors is the price. Largest factors first; `term` is as the client wrote it, with
    what it was read as, and "" where the field was not given, or named nothing that the model knows.
    """
    reading = scorer.read(wine)
    typical = scorer.typical
    fields = [
        field for field in FIELDS if _part(reading, field) or _part(reading, field) != _part(typical, field)
    ]
    steps = _path(typical, reading, fields) + _path(typical, reading, fields[::-1])
    without = [
        reading._replace(words=[other for other in reading.words if other != word])
        for word in _words(reading)
    ]
    prices = scorer.log_prices([*steps, reading, *without]).tolist()
    moved = _moves(fields, prices[: len(steps)])
    full = prices[len(steps)]
    apart = {
        word: full - price for word, price in zip(_words(reading), prices[len(steps) + 1 :], strict=True)
    }
    factors = [
        Factor(field=field, term=_term(wine, reading, field), factor=math.exp(move))
        for field, move in moved.items()
        if field != "description"
    ]
    if "description" in moved:
        given = given_words(wine.description, reading.language)
        factors += _of_words(moved["description"], apart, given)
    factors.sort(key=lambda factor: -abs(math.log(factor.factor)))
    return Explanation(base_price=math.exp(prices[0]), factors=tuple(factors))


def _path(start: Reading, full: Reading, order: Sequence[str]) -> list[Reading]:
    """Readings from the start to the full one, one field more at a time."""
    path = [start]
    for field in order:
        name = _PARTS.get(field, field)
        path.append(path[-1]._replace(**{name: getattr(full, name)}))
    return path


def _moves(fields: Sequence[str], prices: Sequence[float]) -> dict[str, float]:
    """Mean move of log price per field over both orders."""
    size = len(fields) + 1
    forward, backward = prices[:size], prices[size:]
    moves = {field: (forward[i + 1] - forward[i]) / 2 for i, field in enumerate(fields)}
    for i, field in enumerate(reversed(fields)):
        moves[field] += (backward[i + 1] - backward[i]) / 2
    return moves


def _of_words(total: float, apart: dict[str, float], given: dict[str, str]) -> list[Factor]:
    most = sorted(apart, key=lambda word: -abs(apart[word]))[:WORDS_SHOWN]
    shown = [
        Factor("description", word, math.exp(apart[word]), given.get(word)) for word in most if apart[word]
    ]
    rest = total - math.fsum(apart[word] for word in most)
    return [*shown, Factor(field="description", term="other words", factor=math.exp(rest))]


def _words(reading: Reading) -> list[str]:
    return list(dict.fromkeys(reading.words))[:WORDS_TRIED]


def _part(reading: Reading, field: str) -> object:
    return getattr(reading, _PARTS.get(field, field))


def _term(wine: Wine, reading: Reading, field: str) -> str:
    value = getattr(wine, field)
    unread = any(isinstance(fact, Unread) and fact.field == field for fact in reading.facts)
    if value is None or unread:
        return _implied(wine, str(_part(reading, field)))
    used = next((fact.used for fact in reading.facts if fact.field == field and isinstance(fact, ReadAs)), "")
    if used:
        return f"{' '.join(str(value).split())} ({used})" if value else used
    return f"{value:g} points" if field == "points" else " ".join(str(value).split())


def _implied(wine: Wine, read: str) -> str:
    """A name that stands in another field, as given there: an appellation where the province is asked for."""
    texts = (wine.province, wine.region, wine.designation, wine.winery, wine.variety)
    given = (" ".join(text.split()) for text in texts if text)
    return next((text for text in given if fold(text) == fold(read)), read.title())
