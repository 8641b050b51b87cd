"""Prices as people write them in a column: 25, $25, "18,95", "1,200.00", "1.250"; US dollars only.

What a mark means is decided by the whole column: one cell cannot say whether "1,250" is over a thousand.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from pricing.data.currencies import other_currency
from pricing.errors import DataError
from pricing.wine.missing import is_missing

_DIGITS: Final = r"\d(?:[\d.,'\u2019 \u00a0\u202f]*\d)?[.,]?(?:[eE][-+]?\d+)?"
_CELL: Final = re.compile(rf"([^\d+-]*)([-+]?)([^\d+-]*)({_DIGITS})(\D*)")
_SPACES: Final = re.compile(r"(?<=\d)['\u2019 \u00a0\u202f](?=\d{3}(?!\d))")
_WHOLE: Final = re.compile(r"\d+[.,]?")
_FLOAT: Final = re.compile(r"\d+[.,]?\d*[eE][-+]?\d+")
_GROUPS: Final = re.compile(r"\d{1,3}([.,])\d{3}(?:\1\d{3})+")
_BOTH: Final = re.compile(r"\d{1,3}(?:,\d{3})+\.\d+|\d{1,3}(?:\.\d{3})+,\d+")
_ONE_MARK: Final = re.compile(r"(\d+)([.,])(\d+)")
_GROUP: Final = 3
"""Digits between two marks of thousands; decimals are rarely as many."""


@dataclass(frozen=True, slots=True)
class _Price:
    """A cell, and its digits and marks without currency and sign."""

    cell: str
    digits: str
    negative: bool

    @property
    def decimals(self) -> int:
        """Digits after the last mark."""
        return len(re.split("[.,]", self.digits)[-1])


@dataclass(slots=True)
class _Mark:
    """What the cells of a column show of one mark, "." or ","."""

    decimal: list[_Price] = field(default_factory=list)
    thousands: list[_Price] = field(default_factory=list)
    either: list[_Price] = field(default_factory=list)


def read_prices(cells: Sequence[str], *, file: str, column: str = "price") -> list[float | str]:
    """A number (USD) for each cell, NaN for a missing one, or the reason why there is none.

    Raises DataError, with examples, for a column in which a mark means both decimals and thousands, or
    may.
    """
    found = {cell: _price(cell) for cell in dict.fromkeys(cells)}
    prices = [price for price in found.values() if isinstance(price, _Price)]
    thousands = _marks_of_thousands(prices, f"{file}, column {column}")
    values = {cell: _value(price, thousands) for cell, price in found.items()}
    return [f"{column} {value}" if isinstance(value := values[cell], str) else value for cell in cells]


def _price(cell: str) -> _Price | float | str:
    """A cell taken apart, NaN for a missing one, or why it is no price."""
    text = cell.strip()
    if is_missing(text):
        return math.nan
    if text.lower().lstrip("+-") in ("inf", "infinity"):
        return float(text)
    match = _CELL.fullmatch(text)
    if match is None:
        return "is not a number"
    try:
        currency = other_currency(match[1] + match[3] + match[5])
    except ValueError:
        return "is not a number"
    if currency is not None:
        return f"is in {currency}, not in USD"
    return _Price(text, _SPACES.sub("", match[4]), match[2] == "-")


def _marks_of_thousands(prices: Iterable[_Price], where: str) -> frozenset[str]:
    marks = {".": _Mark(), ",": _Mark()}
    whole = sum([_note(marks, price) for price in prices])
    return frozenset(
        sign
        for sign, other in ((".", ","), (",", "."))
        if _means_thousands(marks[sign], marks[other], where, whole=whole > 0)
    )


def _note(marks: dict[str, _Mark], price: _Price) -> bool:
    """File a price under what it shows of its marks; whether it is a whole number without any."""
    text = price.digits
    if _BOTH.fullmatch(text):
        point = text[max(text.rfind("."), text.rfind(","))]
        marks[point].decimal.append(price)
        marks["," if point == "." else "."].thousands.append(price)
    elif groups := _GROUPS.fullmatch(text):
        marks[groups[1]].thousands.append(price)
    elif single := _ONE_MARK.fullmatch(text):
        left, sign, right = single.groups()
        unclear = len(right) == _GROUP and len(left) <= _GROUP and left[0] != "0"
        (marks[sign].either if unclear else marks[sign].decimal).append(price)
    return _WHOLE.fullmatch(text) is not None


def _means_thousands(mark: _Mark, other: _Mark, where: str, *, whole: bool) -> bool:
    """Whether a mark parts thousands in this column. Raises DataError where it does both, or may."""
    if mark.thousands and mark.decimal:
        raise _both(mark.decimal[0], mark.thousands[0], where)
    if mark.thousands or not mark.either:
        return bool(mark.thousands)
    if mark.decimal:
        if _has_three_decimals(mark):
            return False
        raise _both(mark.decimal[0], mark.either[0], where)
    if other.decimal or (whole and any(price.digits[-1] in "05" for price in mark.either)):
        return True
    raise DataError(
        f"{where}: {mark.either[0].cell!r} may be over a thousand or have three decimals, and no other price "
        "there tells. Write the prices without marks for thousands."
    )


def _has_three_decimals(mark: _Mark) -> bool:
    """Whether cells like "12.125" are decimals, as others surely are: computed ones, or rounded to three."""
    counts = [price.decimals for price in mark.decimal]
    if max(counts) > _GROUP or min(counts) == max(counts) == _GROUP:
        return True
    return len(mark.either) > len(mark.decimal) and any(price.digits[-1] != "0" for price in mark.either)


def _both(decimal: _Price, other: _Price, where: str) -> DataError:
    return DataError(
        f"{where}: one mark stands for decimals in {decimal.cell!r} and, it seems, for thousands in "
        f"{other.cell!r}. Write every price with one decimal mark and without marks for thousands."
    )


def _value(price: _Price | float | str, thousands: frozenset[str]) -> float | str:
    if not isinstance(price, _Price):
        return price
    text = price.digits
    if not any(form.fullmatch(text) for form in (_WHOLE, _FLOAT, _GROUPS, _BOTH, _ONE_MARK)):
        return "is not a number"
    for sign in thousands:
        text = text.replace(sign, "")
    number = float(text.replace(",", "."))
    return -number if price.negative else number
