"""Between frames and records: a frame of wines as the records that the scalar path scores."""

from __future__ import annotations

from typing import Any

import pandas as pd

from pricing.errors import DataError
from pricing.wine.request import Wine
from pricing.wine.schema import FIELDS, OPTIONAL_FIELDS, REQUIRED_FIELDS


def records_of(wines: pd.DataFrame) -> list[Wine]:
    """One record per row. Optional columns may be missing; NaN, None, NA and "" are "not given".

    Raises DataError for anything but a frame, and when a required column is missing.
    """
    if not isinstance(wines, pd.DataFrame):
        raise DataError(f"Wines are a pandas DataFrame with a column for each field, not a {_kind(wines)}.")
    missing = [name for name in REQUIRED_FIELDS if name not in wines.columns]
    if missing:
        raise DataError(
            f"The wines have no column {', '.join(missing)}. "
            f"Required: {', '.join(REQUIRED_FIELDS)}; optional: {', '.join(OPTIONAL_FIELDS)}."
        )
    columns = [_values(wines, name) for name in FIELDS]
    return [
        Wine(
            country=country or "",
            description=description or "",
            province=province or "",
            millesime=millesime or "",
            variety=variety,
            winery=winery,
            region=region,
            designation=designation,
            points=points,
        )
        for country, description, province, millesime, variety, winery, region, designation, points in zip(
            *columns, strict=True
        )
    ]


def _kind(value: object) -> str:
    return type(value).__name__


def _values(wines: pd.DataFrame, name: str) -> list[Any]:
    if name not in wines.columns:
        return [None] * len(wines)
    column = wines[name]
    if name == "points":
        numbers = pd.to_numeric(column, errors="coerce").astype("float64").tolist()
        return [number if number == number else None for number in numbers]  # noqa: PLR0124 (NaN)
    values = column.to_numpy(dtype=object)
    given = pd.notna(values).tolist()
    plain = (str, int) if name == "millesime" else str
    return [
        (value if isinstance(value, plain) else str(value)) if known and value != "" else None
        for value, known in zip(values.tolist(), given, strict=True)
    ]
