"""Prices as people write them, column by column."""

from __future__ import annotations

import math

import pytest

from pricing.data.price_column import read_prices
from pricing.errors import DataError


def read(*cells: str) -> list[float | str]:
    return read_prices(cells, file="prices.csv")


@pytest.mark.parametrize(
    ("cell", "price"),
    [
        ("25", 25), (" 25.50 ", 25.5), ("18,95", 18.95), ("$25", 25), ("25 $", 25), ("US$ 25", 25),
        ("USD 25.5", 25.5), ("25 USD", 25), ("25 dollars", 25), ("1,200.00", 1200), ("1.200,50", 1200.5),
        ("1'200", 1200), ("1 200", 1200), ("1\u202f200,5", 1200.5), ("1,234,567", 1234567), ("2.5e1", 25),
        ("25.", 25), ("-3", -3), ("0.750", 0.75), ("12.5000", 12.5), ("$1,200.00", 1200),
    ],
)  # fmt: skip
def test_one_price_that_tells_all_by_itself(cell: str, price: float) -> None:
    assert read(cell) == [price]


@pytest.mark.parametrize("cell", ["", " ", "nan", "NULL", "N/A", "\\N", "None", "-", "--"])
def test_a_missing_price_is_nan(cell: str) -> None:
    (value,) = read(cell)
    assert isinstance(value, float)
    assert math.isnan(value)


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("€24", "price is in EUR, not in USD"),
        ("24 EUR", "price is in EUR, not in USD"),
        ("£9.50", "price is in GBP, not in USD"),
        ("CHF 30", "price is in CHF, not in USD"),
        ("C$ 30", "price is in CAD, not in USD"),
        ("on request", "price is not a number"),
        ("12 bottles", "price is not a number"),
        ("1,23,4", "price is not a number"),
        ("12-15", "price is not a number"),
    ],
)
def test_what_is_no_price_in_dollars_says_why(cell: str, reason: str) -> None:
    assert read(cell, "25") == [reason, 25]


@pytest.mark.parametrize(
    ("cells", "prices"),
    [
        (["16", "37", "1,250"], [16, 37, 1250]),
        (["16", "37", "1.250"], [16, 37, 1250]),
        (["18.95", "1,250"], [18.95, 1250]),
        (["18,95", "1.250"], [18.95, 1250]),
        (["1,250.00", "1,300"], [1250, 1300]),
        (["1.250.000", "1.300"], [1250000, 1300]),
        (["12.125", "14.3333", "9.5"], [12.125, 14.3333, 9.5]),
        (["0.750", "1.250"], [0.75, 1.25]),
        (["12.125", "14.333", "16.667", "9.5"], [12.125, 14.333, 16.667, 9.5]),
    ],
)
def test_the_column_shows_what_its_marks_mean(cells: list[str], prices: list[float]) -> None:
    assert read(*cells) == prices


@pytest.mark.parametrize(
    ("cells", "examples"),
    [
        (["18.95", "1.250"], ["18.95", "1.250"]),
        (["18,95", "1,250"], ["18,95", "1,250"]),
        (["18,95", "1,200.00"], ["18,95", "1,200.00"]),
        (["1,250", "2,500"], ["1,250"]),
        (["12.125"], ["12.125"]),
    ],
)
def test_a_column_with_two_meanings_is_refused_with_examples(cells: list[str], examples: list[str]) -> None:
    with pytest.raises(DataError) as refused:
        read(*cells)
    assert "prices.csv, column price" in str(refused.value)
    assert all(repr(example) in str(refused.value) for example in examples)
