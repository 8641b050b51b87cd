from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from pricing.data.cleaning import CLEAN_COLUMNS, clean
from pricing.errors import DataError
from pricing.wine.schema import WINEMAG_COLUMNS


def review(**changes: Any) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(WINEMAG_COLUMNS)
    return row | {
        "country": "France", "description": " Ripe and firm. ", "points": 90, "price": 30.0,
        "province": "Bordeaux", "title": "Château Test 2012 Red (Médoc)", "variety": "Red Blend",
        "winery": "Château Test", "region_1": "Médoc",
    } | changes  # fmt: skip


def test_reviews_become_fields_of_a_request() -> None:
    wines, report = clean(pd.DataFrame([review()], index=[7]))
    assert tuple(wines.columns) == CLEAN_COLUMNS
    assert wines.loc[7, ["millesime", "region", "description", "points"]].tolist() == [
        "2012",
        "Médoc",
        "Ripe and firm.",
        90.0,
    ]
    assert (report.read, report.kept) == (1, 1)


def test_the_general_region_stands_in_for_a_missing_one() -> None:
    wines, _ = clean(pd.DataFrame([review(region_1=None, region_2="Napa")]))
    assert wines["region"].tolist() == ["Napa"]


def test_dropped_rows_are_counted_by_reason() -> None:
    rows = [
        review(),
        review(price=None),
        review(price="n/a"),
        review(price=0),
        review(country=" "),
        review(title="Château Test NV Red"),
        review(title="Château Test 1942 Red", price=20),
        review(title="Château Test 1942 Red", price=400),
    ]
    wines, report = clean(pd.DataFrame(rows))
    assert report.counts == {"no_price": 3, "no_country": 1, "no_vintage": 1, "inconsistent": 1}
    assert report.dropped["no_vintage"] == (5,)
    assert wines.index.tolist() == [0, 7]


def test_missing_columns_are_named() -> None:
    with pytest.raises(DataError, match="province, title"):
        clean(pd.DataFrame([review()]).drop(columns=["title", "province"]))
