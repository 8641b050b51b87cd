"""From the columns of the reviews to the fields of a request, with a count of what was dropped and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pandas as pd

from pricing.errors import DataError
from pricing.wine.missing import text_of
from pricing.wine.points import NotPoints, points_of
from pricing.wine.schema import FIELDS, PRICE, WINEMAG_COLUMNS
from pricing.wine.years import NotAYear, vintage, vintage_of_title

CLEAN_COLUMNS: Final = (*FIELDS, PRICE, "title")
OLD_VINTAGE: Final = 1950
OLD_VINTAGE_MINIMUM: Final = 100.0
"""A wine from before `OLD_VINTAGE` under this price (USD) is taken for a year that is not its vintage."""

REASONS: Final = {
    "no_price": "price is missing, not a number, or not above zero",
    "no_country": "country is missing",
    "no_vintage": "no vintage: none in its column, and no plausible year in the title",
    "inconsistent": f"vintage before {OLD_VINTAGE} at under {OLD_VINTAGE_MINIMUM:.0f} USD",
}


@dataclass(frozen=True, slots=True)
class CleaningReport:
    """What cleaning did: rows read and kept, and for each reason the index labels of dropped rows."""

    read: int
    kept: int
    dropped: Mapping[str, tuple[object, ...]]

    @property
    def counts(self) -> dict[str, int]:
        """Rows dropped per reason; a row counts under the first reason that holds."""
        return {reason: len(rows) for reason, rows in self.dropped.items()}


def clean(reviews: pd.DataFrame) -> tuple[pd.DataFrame, CleaningReport]:
    """Reviews in the winemag columns → `FIELDS`, `price` (USD) and `title`, index as given.

    `region` is the most precise appellation known. Raises DataError when columns are missing.
    """
    missing = [name for name in WINEMAG_COLUMNS if name not in reviews.columns and name in _READ]
    if "title" in missing and _vintage_column(reviews) is not None:
        missing.remove("title")
        reviews = reviews.assign(title=None)
    if missing:
        raise DataError(
            f"The reviews have no column {', '.join(missing)}. Expected the winemag columns: "
            f"{', '.join(WINEMAG_COLUMNS)}. Check the file's header line."
        )
    price = pd.to_numeric(reviews["price"], errors="coerce").astype("float64")
    years = _vintages(reviews)
    country = _text(reviews["country"])
    problems = {
        "no_price": ~(price > 0) | (price == float("inf")),
        "no_country": country.isna(),
        "no_vintage": years.isna(),
        "inconsistent": (years < OLD_VINTAGE) & (price < OLD_VINTAGE_MINIMUM),
    }
    keep, dropped = _first_reason(problems)
    wines = _fields(reviews, country, years)
    wines[PRICE] = price
    wines["title"] = _text(reviews["title"])
    wines = wines.loc[keep, list(CLEAN_COLUMNS)]
    return wines, CleaningReport(read=len(reviews), kept=len(wines), dropped=dropped)


_READ: Final = frozenset(WINEMAG_COLUMNS) - {"id", "taster_name", "taster_twitter_handle"}


def _text(column: pd.Series) -> pd.Series:
    """Strings with surrounding space removed; blanks, words for "no value" and missing values are None."""
    return column.astype("object").map(text_of).astype("object")


def _vintage_column(reviews: pd.DataFrame) -> str | None:
    return next((name for name in ("millesime", "vintage") if name in reviews.columns), None)


def _vintages(reviews: pd.DataFrame) -> pd.Series:
    """The year of each review: of its own column where that says one, else of the title; NaN without one."""
    titled = _text(reviews["title"]).map(vintage_of_title, na_action="ignore").astype("float64")
    name = _vintage_column(reviews)
    if name is None:
        return titled
    texts = reviews[name].astype("object").map(_text_of)
    years = pd.to_numeric(texts, errors="coerce").astype("float64")
    return years.where(texts != "", titled)


def _text_of(value: object) -> str:
    """A vintage, "NV", or "" where the cell tells nothing."""
    try:
        return vintage(value)
    except NotAYear:
        return ""


def _fields(reviews: pd.DataFrame, country: pd.Series, years: pd.Series) -> pd.DataFrame:
    region = _text(reviews["region_1"])
    points = reviews["points"].astype("object").map(_points).astype("float64")
    return pd.DataFrame(
        {
            "country": country,
            "description": _text(reviews["description"]).fillna(""),
            "province": _text(reviews["province"]).fillna(""),
            "millesime": years.map(lambda year: str(int(year)), na_action="ignore"),
            "variety": _text(reviews["variety"]),
            "winery": _text(reviews["winery"]),
            "region": region.where(region.notna(), _text(reviews["region_2"])),
            "designation": _text(reviews["designation"]),
            "points": points.where(points.between(80, 100)),
        },
        index=reviews.index,
    )


def _points(value: object) -> float | None:
    try:
        return points_of(value)
    except NotPoints:
        return None


def _first_reason(problems: Mapping[str, pd.Series]) -> tuple[pd.Series, dict[str, tuple[object, ...]]]:
    keep = pd.Series(data=True, index=next(iter(problems.values())).index)
    dropped = {}
    for reason, holds in problems.items():
        dropped[reason] = tuple(keep.index[keep & holds])
        keep &= ~holds
    return keep, dropped
