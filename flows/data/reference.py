"""What drift compares with: the rows that the model in production was trained and tested on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import pandas as pd

from flows.data.missingness import masked_like
from pricing.arrays import Floats
from pricing.wine.schema import FIELDS, PRICE

TRAIN: Final = "train"
HOLDOUT: Final = "holdout"
_COLUMNS: Final = (*FIELDS, PRICE)


class Model(Protocol):
    """What monitoring needs of a model; `pricing.estimator.WinePriceRegressor` has it."""

    def estimate(self, wines: pd.DataFrame, coverage: float | None = None) -> pd.DataFrame: ...


@dataclass(frozen=True, slots=True)
class Reference:
    """`train` rows show what the model knows, `holdout` rows how well it does on wines it has not seen.

    Both have FIELDS and `price` (USD). `price_level` is what training added to log prices to bring them to
    today's level; `holdout_sha256` is that of the labelled file the holdout came from, where known.
    """

    train: pd.DataFrame
    holdout: pd.DataFrame
    price_level: float = 0.0
    holdout_sha256: str | None = None


def reference_sample(
    train: pd.DataFrame, holdout: pd.DataFrame, *, rows: int = 5_000, seed: int = 0
) -> pd.DataFrame:
    """The sample a run keeps: up to `rows` training rows and as many of the holdout, marked by `part`."""
    parts = []
    for name, wines in ((TRAIN, train), (HOLDOUT, holdout)):
        part = wines if len(wines) <= rows else wines.sample(rows, random_state=seed)
        parts.append(part.reindex(columns=list(_COLUMNS)).assign(part=name))
    return pd.concat(parts, ignore_index=True)


def reference_of(
    sample: pd.DataFrame, *, price_level: float = 0.0, holdout_sha256: str | None = None
) -> Reference:
    """The reference in a stored sample. One without `part` serves as both halves."""
    part = sample.get("part")
    train = sample if part is None else sample[part == TRAIN]
    holdout = sample if part is None else sample[part == HOLDOUT]
    return Reference(
        train=train.reset_index(drop=True),
        holdout=holdout.reset_index(drop=True),
        price_level=price_level,
        holdout_sha256=holdout_sha256,
    )


def holdout_errors(
    reference: Reference, model: Model, like: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """The holdout with the same fields masked as in `like`.

    Columns `log_price` and `expected_error` as `estimate` gives them, and `residual` = log of the price less
    the model's, net of the model's price level.
    """
    wines = masked_like(reference.holdout, like, rng)
    scored = model.estimate(wines)
    return scored.assign(residual=_residuals(wines, scored) + reference.price_level)


def residuals(wines: pd.DataFrame, model: Model) -> Floats:
    """Log of the price less the model's (n,), for labelled rows (FIELDS and `price`)."""
    return _residuals(wines, model.estimate(wines))


def _residuals(wines: pd.DataFrame, scored: pd.DataFrame) -> Floats:
    prices, estimated = wines[PRICE].to_numpy(dtype=float), scored["log_price"].to_numpy(dtype=float)
    difference: Floats = np.log(prices) - estimated
    return difference
