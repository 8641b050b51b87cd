"""A shop that asks for the prices of wines, and later tells what they cost."""

from __future__ import annotations

from pathlib import Path

import httpx
import pandas as pd

from pricing.data.cleaning import clean
from pricing.synthetic.reviews import reviews
from pricing.wine.schema import FIELDS
from tests.integration.stack.stack import LocalStack, eventually
from tests.pace import patience


def ask_prices(stack: LocalStack, *, wines: int, seed: int) -> pd.DataFrame:
    """Wines of no file, asked in one batch and logged: `request_id` and the real `price` of each."""
    cleaned, _ = clean(reviews(wines, seed=seed))
    asked = [
        {name: _plain(value) for name, value in row.items() if pd.notna(value)}
        for row in cleaned[list(FIELDS)].to_dict("records")
    ]
    answer = httpx.post(
        f"{stack.settings.serving_url}/predict/batch", json={"wines": asked}, timeout=patience(60)
    )
    ids = [each["request_id"] for each in answer.raise_for_status().json()["predictions"]]
    count = "SELECT count(*) FROM wine_predictions WHERE request_id::text = ANY(%s)"
    eventually(lambda: stack.query(count, ids) == [(len(ids),)], seconds=20, what="the rows are logged")
    return pd.DataFrame({"request_id": ids, "price": cleaned["price"].to_numpy()})


def write_prices(prices: pd.DataFrame, file: Path, *, dearer: float) -> None:
    """The shop's file of what the wines cost, as a European spreadsheet writes it."""
    told = prices.assign(price=(prices["price"] * dearer).round(2))
    told.to_csv(file, sep=";", decimal=",", index=False)


def _plain(value: object) -> object:
    return int(value) if isinstance(value, float) else value
