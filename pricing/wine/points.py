"""A reviewer's score as people write it: 92, "92", "92/100", "92 pts", "92+", "92,5", "92-94"."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from pricing.wine.missing import is_missing, is_nothing

_SCORE: Final = r"\d{1,3}(?:[.,]\d+)?"
_WRITTEN: Final = re.compile(
    rf"\(?({_SCORE})(?:\s*[-\u2013]\s*({_SCORE}))?\)?(?:\s*\+)?\s*(?:/\s*(\d+)|pts?\.?|points?|punti|punkte|puntos)?",
    re.IGNORECASE,
)
_FULL_MARKS: Final = 100.0
LONGEST_POINTS: Final = 40
"""Characters of the longest text that is read as points: texts of any length come from outside."""


class NotPoints(ValueError):
    """A value that is no score; the message says why."""


def points_of(value: object) -> float | None:
    """Points of a value of any reader; a range ("92-94", tasted from the barrel) is its middle.

    None when missing. Raises NotPoints for what is no number, and for scores on another scale ("18/20").
    """
    if is_nothing(value):
        return None
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return float(value)
    text = str(value)
    if len(text) > LONGEST_POINTS:
        raise NotPoints(f"a text of {len(text):,} characters is not a number")
    return _of_text(text.strip())


def _of_text(text: str) -> float | None:
    try:
        return _finite(float(text))
    except ValueError:
        pass
    if is_missing(text):
        return None
    match = _WRITTEN.fullmatch(text)
    if match is None:
        raise NotPoints(f"{text[:40]!r} is not a number")
    if match[3] is not None and float(match[3]) != _FULL_MARKS:
        raise NotPoints(f"{text[:40]!r} is on a scale of {match[3]}, not of 100")
    low = float(match[1].replace(",", "."))
    high = float(match[2].replace(",", ".")) if match[2] else low
    return (low + high) / 2


def _finite(number: float) -> float | None:
    if number in (float("inf"), float("-inf")):
        raise NotPoints(f"{number} is not a number of points")
    return None if number != number else number  # noqa: PLR0124 - NaN
