"""Groups of wines over which a model's quality is looked at one by one."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from pricing.arrays import Bools, Floats
from pricing.wine.schema import OPTIONAL_FIELDS, REQUIRED_FIELDS
from pricing.wine.years import year_of

MIN_SLICE_ROWS: Final = 30

FIELD_SETS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "required fields": REQUIRED_FIELDS,
        "+ variety, winery, region": (*REQUIRED_FIELDS, "variety", "winery", "region"),
        "all": (*REQUIRED_FIELDS, *OPTIONAL_FIELDS),
    }
)
"""What a request may provide, from least to most; a wine is evaluated under each."""

_PRICE_BOUNDS: Final = (15.0, 30.0, 60.0, 120.0)
_DESCRIPTION_WORDS: Final = (0, 15, 30, 45, 60, 10_000)


@dataclass(frozen=True, slots=True)
class Slice:
    """Rows that share a property: `name` is the property, `group` its value, `mask` the rows (n,).

    Where the property is a number, `start` and `stop` bound the group; None: no bound.
    """

    name: str
    group: str
    mask: Bools
    start: float | None = None
    stop: float | None = None


def slices_of(wines: pd.DataFrame, log_price: Floats, *, min_rows: int = MIN_SLICE_ROWS) -> Iterator[Slice]:
    """Slices of held-out wines with at least `min_rows` rows: by country, price decile, vintage decade,
    length of the description and reviewer's score. `log_price` is natural log USD, as `wines` ordered.
    """
    labels = {
        "country": wines["country"].astype("str"),
        "price decile": _price_decile(log_price),
        "vintage decade": wines["millesime"].map(_decade),
        "words in description": _binned(
            wines["description"].fillna("").map(lambda note: len(str(note).split()))
        ),
        "points": _points_band(wines),
    }
    for name, values in labels.items():
        yield from _groups(name, values.to_numpy(dtype=object), min_rows)


def by_estimated_price(log_price: Floats, *, min_rows: int = MIN_SLICE_ROWS) -> Iterator[Slice]:
    """Slices by what a model estimates (natural log USD, (n,)), which is known of every answer.

    A highest band with fewer than `min_rows` rows joins the one below it, so that dear wines have one.
    """
    bounds = list(_PRICE_BOUNDS)
    while bounds and (log_price >= np.log(bounds[-1])).sum() < min_rows:
        bounds.pop()
    for start, stop in itertools.pairwise((None, *bounds, None)):
        lowest, highest = np.log(start or 1e-9), np.log(stop or np.inf)
        mask = (log_price >= lowest) & (log_price < highest)
        if mask.sum() >= min_rows:
            yield Slice("estimated price", _price_band(start, stop), mask, start, stop)


def _price_band(start: float | None, stop: float | None) -> str:
    if start is None:
        return "any" if stop is None else f"below ${stop:.0f}"
    return f"${start:.0f} and more" if stop is None else f"${start:.0f} to ${stop:.0f}"


def with_fields(wines: pd.DataFrame, fields: tuple[str, ...]) -> pd.DataFrame:
    """The wines with every optional field that is not in `fields` left out, as a client would."""
    return wines[[field for field in fields if field in wines.columns]]


def _groups(name: str, values: npt.NDArray[np.object_], min_rows: int) -> Iterator[Slice]:
    for group in sorted({value for value in values if isinstance(value, str)}):
        mask = values == group
        if mask.sum() >= min_rows:
            yield Slice(name, group, mask)


def _price_decile(log_price: Floats) -> pd.Series:
    edges = np.unique(np.quantile(log_price, np.linspace(0.1, 0.9, 9)))
    decile = np.searchsorted(edges, log_price, side="left")
    dollars = np.exp(np.concatenate([[log_price.min()], edges, [log_price.max()]]))
    return pd.Series([f"{i + 1:02d}: ${dollars[i]:.0f} to ${dollars[i + 1]:.0f}" for i in decile])


def _decade(millesime: object) -> str:
    year = year_of(millesime) if isinstance(millesime, str | int) else None
    return "no vintage" if year is None else f"{int(year) // 10 * 10}s"


def _binned(words: pd.Series) -> pd.Series:
    names = [f"{low:02d} to {high - 1}" for low, high in itertools.pairwise(_DESCRIPTION_WORDS)]
    names[-1] = f"{_DESCRIPTION_WORDS[-2]} and more"
    return pd.cut(words, bins=list(_DESCRIPTION_WORDS), labels=names, right=False).astype("object")


def _points_band(wines: pd.DataFrame) -> pd.Series:
    if "points" not in wines.columns:
        return pd.Series([None] * len(wines), dtype="object")
    points = pd.to_numeric(wines["points"], errors="coerce")
    names = ["to 84", "85 to 89", "90 to 94", "95 and more"]
    return pd.cut(points, bins=[0, 85, 90, 95, 101], labels=names, right=False).astype("object")
