"""A profile of the training rows: what is in each field, how often, and what it is worth."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from flows.orchestration.markdown import table
from pricing.wine.schema import CATEGORY_FIELDS, FIELDS, PRICE

_TOP: Final = 10


def data_profile(wines: pd.DataFrame) -> str:
    """Markdown: filling and variety of each field, price quantiles, and the most frequent names."""
    quantiles = np.quantile(wines[PRICE], [0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 1])
    parts = [
        f"# {len(wines):,} training wines",
        "## Fields",
        table(["field", "filled", "different values"], [_filling(wines[field]) for field in FIELDS]),
        "## Price, USD a bottle",
        table(
            ["least", "10 %", "25 %", "median", "75 %", "90 %", "99 %", "most"],
            [[f"{q:,.2f}" for q in quantiles]],
        ),
        "## Vintages",
        _vintages(wines),
        *(_names(wines, field) for field in CATEGORY_FIELDS),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _filling(values: pd.Series) -> tuple[str, str, str]:
    filled = values.notna() & (values.astype("str").str.strip() != "")
    return str(values.name), f"{filled.mean():z.1%}", f"{values[filled].nunique():,}"


def _vintages(wines: pd.DataFrame) -> str:
    years = pd.to_numeric(wines["millesime"], errors="coerce").dropna().astype(int)
    decades = wines.loc[years.index].groupby(years // 10 * 10)[PRICE].agg(["size", "median"])
    return table(
        ["decade", "wines", "median price"],
        [(f"{d}s", f"{int(r['size']):,}", f"${r['median']:.2f}") for d, r in decades.iterrows()],
    )


def _names(wines: pd.DataFrame, field: str) -> str:
    names = (
        wines.groupby(field)[PRICE].agg(["size", "median"]).sort_values("size", ascending=False).head(_TOP)
    )
    if names.empty:
        return ""
    rows = [(name, f"{int(row['size']):,}", f"${row['median']:.2f}") for name, row in names.iterrows()]
    return f"## Most frequent: {field}\n\n" + table([field, "wines", "median price"], rows)
