"""A file of prices paid: the request that each belongs to, and what the bottle cost."""

from __future__ import annotations

import math
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pricing.data.csv_file import WRONG_NUMBER, CsvFile, Row, csv_file, require
from pricing.data.price_column import read_prices
from pricing.data.raw_file import of_bytes
from pricing.errors import DataError

_EXPECTED: Final = (
    "Expected a header line request_id,price, then the request_id of each answer and the price in USD; or "
    'tell by `columns` which is which, such as {"Paid": "price"}.'
)
_SHOWN: Final = 60
_CENTS: Final = 2


@dataclass(frozen=True, slots=True)
class PaidPrice:
    """What the wine of one request cost, USD a bottle."""

    request_id: str
    price: float


@dataclass(frozen=True, slots=True)
class BadPrice:
    """A row that cannot be used: its line in the file (the first is line 1), what stands there, and why."""

    line: int
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class PriceList:
    """What a file of prices holds."""

    prices: tuple[PaidPrice, ...]
    bad: tuple[BadPrice, ...]
    dialect: str = ""


def read_price_list(content: bytes, *, name: str, columns: Mapping[str, str] | None = None) -> PriceList:
    """The prices of a CSV file in any dialect. Raises DataError when it is no such file at all."""
    file = csv_file(of_bytes(content, name), columns)
    require(file, ("request_id", "price"), _EXPECTED)
    rows = [_with_decimal_comma(row, file) for row in file.rows()]
    if not rows:
        raise DataError(f"{name} has a header and no rows. Put the prices below it.")
    id_place, price_place = (file.columns.places[field] for field in ("request_id", "price"))
    good = [row for row in rows if not row.problem]
    values = read_prices([row.cells[price_place] for row in good], file=name)
    found: dict[str, PaidPrice] = {}
    bad = [BadPrice(row.line, row.text()[:_SHOWN], _problem(row, file)) for row in rows if row.problem]
    for row, value in zip(good, values, strict=True):
        request_id = _uuid(row.cells[id_place])
        reason = _reason(request_id, value, known=request_id in found)
        if reason or request_id is None or isinstance(value, str):
            bad.append(BadPrice(row.line, row.text()[:_SHOWN], reason))
        else:
            found[request_id] = PaidPrice(request_id, value)
    return PriceList(tuple(found.values()), tuple(sorted(bad, key=lambda row: row.line)), file.described())


def _with_decimal_comma(row: Row, file: CsvFile) -> Row:
    """A last price with a decimal comma that was not quoted ("12,50") is one cell, not two."""
    width, price = len(file.columns.names), file.columns.places["price"]
    if row.problem != WRONG_NUMBER or len(row.cells) != width + 1 or price != width - 1:
        return row
    whole, cents = row.cells[-2].strip(), row.cells[-1].strip()
    if not (whole.isdigit() and cents.isdigit() and len(cents) <= _CENTS):
        return row
    return Row(row.line, [*row.cells[:-2], f"{whole}.{cents}"])


def _problem(row: Row, file: CsvFile) -> str:
    if row.problem != WRONG_NUMBER:
        return row.problem
    return f"{row.problem}: {len(row.cells)}, the header has {len(file.columns.names)}"


def _reason(request_id: str | None, value: float | str, *, known: bool) -> str:
    """Why a row cannot be used; "" when it can."""
    if request_id is None:
        return "request_id is no UUID"
    if isinstance(value, str):
        return value
    if math.isnan(value):
        return "price is missing"
    if not 0 < value < math.inf:
        return "price is no number above zero"
    return "request_id stands in the file before" if known else ""


def _uuid(text: str) -> str | None:
    try:
        return str(uuid.UUID(text.strip()))
    except ValueError:
        return None
