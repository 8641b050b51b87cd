"""Which real prices may train the model: a guard against mistakes and against poisoning.

Whoever can send feedback could otherwise move the model. So a price must be possible, must not lie
absurdly far from what was answered, a client whose prices are unlike everybody else's is left out,
and no client and no wine may fill the training rows, however much of it there is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from pricing.arrays import Floats
from pricing.wine.schema import FIELDS, OPTIONAL_FIELDS, PRICE, REQUIRED_FIELDS
from pricing.wine.text import fold

IMPORTED: Final = "import"
"""Source of prices that an operator read in: their number is not capped, their size is checked like any."""

_VOICES: Final = 2
"""A client is judged by at least two others."""

REASONS: Final = {
    "no_request": "no prediction with this request id is known",
    "out_of_bounds": "the price is not a possible one",
    "client_unlike_others": "the client's prices are unlike those of all other clients",
    "absurd": "the price lies absurdly far from the answer",
    "client_share": "the client sent more than its share",
    "wine_share": "enough prices of this very wine are known",
}


@dataclass(frozen=True, slots=True)
class Guard:
    """Limits on feedback. Prices are USD, factors are ratios of real price to answer.

    `client_share` is the largest share of all rows that one client may give, `client_rows` what any
    client may give; `client_factor` is how far a client's typical ratio may lie from the other clients'.
    """

    lowest: float = 2.0
    highest: float = 10_000.0
    largest_factor: float = 6.0
    client_factor: float = 1.5
    client_share: float = 0.2
    client_rows: int = 50
    judged_from: int = 10
    rows_per_wine: int = 3


@dataclass(frozen=True, slots=True)
class TrustedFeedback:
    """`rows` with `residual`, the log of real price over answer; `refused` counts rows by reason."""

    rows: pd.DataFrame
    refused: Mapping[str, int]

    @property
    def wines(self) -> pd.DataFrame:
        """FIELDS and `price` (USD): rows to train on."""
        return self.rows.assign(**{PRICE: self.rows["actual_price"]})[[*FIELDS, PRICE]]


def trusted_feedback(feedback: pd.DataFrame, guard: Guard | None = None) -> TrustedFeedback:
    """The rows of joined feedback that may train a model, and why the others may not.

    Columns: FIELDS, `predicted_price` and `actual_price` (USD), `received_at`, `client`, `source`. Rows
    without a prediction have no `predicted_price`. Of too many, the newest are kept. The answer
    depends on the rows alone, not on their order.
    """
    guard = guard or Guard()
    rows = _ordered(feedback)
    refused: dict[str, int] = {}
    for reason, check in _CHECKS.items():
        keep = check(rows, guard)
        refused[reason] = int((~keep).sum())
        rows = rows[keep]
    return TrustedFeedback(rows=rows, refused=refused)


def one_per_wine(wines: pd.DataFrame) -> pd.DataFrame:
    """Wines (FIELDS and `price`, newest first), each once, at the median of its prices.

    A wine that is asked for every day says no more about prices than one that is asked for once.
    """
    wine = _wines_of(wines)
    prices = wines[PRICE].groupby(wine).transform("median")
    return wines.assign(**{PRICE: prices})[~pd.Series(wine, index=wines.index).duplicated()]


def _ordered(feedback: pd.DataFrame) -> pd.DataFrame:
    """Newest first, with `residual` and a client for everyone."""
    actual = pd.to_numeric(feedback["actual_price"], errors="coerce").astype("float64")
    answered = pd.to_numeric(feedback["predicted_price"], errors="coerce").astype("float64")
    with np.errstate(divide="ignore", invalid="ignore"):
        residual = np.log(actual.to_numpy()) - np.log(answered.to_numpy())
    client = feedback["client"].astype("object").where(feedback["client"].notna(), "")
    rows = feedback.assign(actual_price=actual, predicted_price=answered, residual=residual, client=client)
    return rows.sort_values(["received_at", "request_id"], ascending=False, kind="stable")


def _has_request(rows: pd.DataFrame, guard: Guard) -> pd.Series:  # noqa: ARG001 - one shape for all checks
    return rows["predicted_price"] > 0


def _in_bounds(rows: pd.DataFrame, guard: Guard) -> pd.Series:
    return rows["actual_price"].between(guard.lowest, guard.highest)


def _near_the_answer(rows: pd.DataFrame, guard: Guard) -> pd.Series:
    near: pd.Series = rows["residual"].abs() <= np.log(guard.largest_factor)
    return near


def _like_the_others(rows: pd.DataFrame, guard: Guard) -> pd.Series:
    """Clients whose typical ratio is near the typical ratio of the *other* clients, each of those one voice.

    With fewer than two other voices there is nothing to compare with, and the caps below must do.
    """
    judged = rows.groupby("client", sort=True)["residual"].agg(["median", "size"])
    judged = judged[judged["size"] >= guard.judged_from]
    medians = judged["median"].to_numpy(dtype=float)
    strange = [_is_strange(medians, position, guard) for position in range(len(medians))]
    return ~rows["client"].isin(judged.index[strange])


def _is_strange(medians: Floats, position: int, guard: Guard) -> bool:
    others = np.delete(medians, position)
    if len(others) < _VOICES:
        return False
    return bool(abs(medians[position] - np.median(others)) > np.log(guard.client_factor))


def _within_client_share(rows: pd.DataFrame, guard: Guard) -> pd.Series:
    capped = (rows["source"] != IMPORTED).to_numpy(dtype=bool)
    rank = rows.groupby(["client", capped], sort=False).cumcount()
    sizes = rows["client"].map(rows.loc[capped, "client"].value_counts()).fillna(0)
    others = len(rows) - sizes
    # A share s of the whole is s/(1-s) of what the others give: more of one's own does not raise it.
    share = others.to_numpy(dtype=float) * guard.client_share / (1 - guard.client_share)
    limit = np.maximum(guard.client_rows, share)
    return pd.Series(~capped | (rank.to_numpy() < limit), index=rows.index)


def _within_wine_share(rows: pd.DataFrame, guard: Guard) -> pd.Series:
    rank = rows.groupby(_wines_of(rows), sort=False).cumcount()
    return rank < guard.rows_per_wine


def _wines_of(rows: pd.DataFrame) -> npt.NDArray[np.integer[Any]]:
    """Which wine each row is about (n,): that of its required fields, whatever else is provided.

    Where those of several wines are alike (a shop's one note for all), what else is provided separates them.
    """
    wine = _hash(rows[list(REQUIRED_FIELDS)].astype("str").map(fold))
    for name in OPTIONAL_FIELDS:
        values = rows[name].astype("object").map(lambda value: fold(str(value)), na_action="ignore")
        several = values.groupby(wine).transform("nunique").to_numpy() > 1
        wine = np.where(several, wine ^ _hash(values.fillna("")), wine)
    return wine


def _hash(values: pd.DataFrame | pd.Series) -> npt.NDArray[np.integer[Any]]:
    return pd.util.hash_pandas_object(values, index=False).to_numpy(dtype=np.uint64)


_CHECKS: Final = {
    "no_request": _has_request,
    "out_of_bounds": _in_bounds,
    "client_unlike_others": _like_the_others,
    "absurd": _near_the_answer,
    "client_share": _within_client_share,
    "wine_share": _within_wine_share,
}
