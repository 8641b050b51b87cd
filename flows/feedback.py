"""The flow `feedback`: prices that a shop sends as a file, into the table of what wines really cost."""

from __future__ import annotations

import hashlib
import io
import os
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import pandas as pd
from prefect import State, flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.states import Completed, Failed

from configuration.errors import SettingsError
from configuration.postgresql import EXAMPLE
from flows import artifacts
from flows.data import storage
from flows.data.feedback_rows import IMPORTED
from flows.data.inference_log import InferenceLog
from flows.errors import FlowError
from flows.markdown import table
from flows.settings import FlowSettings
from pricing.errors import DataError, PricingError

FEEDBACK_KEY: Final = "wine-feedback"
_BATCH: Final = 5_000
_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class PriceList:
    """A file of prices. `rows`: `request_id`, `actual_price` (USD); `bad`: row number (from 1), `reason`."""

    rows: pd.DataFrame
    bad: pd.DataFrame
    sha256: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did. `unknown` are ids for which no prediction is known: kept, and reported."""

    added: int
    known_before: int
    unknown: tuple[str, ...]


@flow(name="feedback", description="Reads in what wines really cost, from a CSV with request_id and price.")
def import_feedback(*, prices_uri: str, client: str = "import") -> State[Any]:
    """Add the prices of a CSV file (`request_id`, `price` in USD) to the feedback.

    `client` names the shop. A price that is there already stays as it was, so the same file can be read in
    twice. Prices for unknown requests are kept: the prediction may still be on its way.
    """
    try:
        settings = FlowSettings.from_env({"MLFLOW_TRACKING_URI": "file:unused", **os.environ})
        if settings.neon_uri is None:
            raise SettingsError.of("NEON_URI", "is not set: the database of the inference log", EXAMPLE)
        prices = read(prices_uri)
        done = add(InferenceLog(settings.neon_uri), prices, client)
    except (FlowError, SettingsError, PricingError) as error:
        get_run_logger().error("%s", error)
        return Failed(message=str(error))
    artifacts.show(FEEDBACK_KEY, _report(prices_uri, client, prices, done), description="Imported prices")
    left = f", {len(prices.bad):,} rows refused" if len(prices.bad) else ""
    unknown = f", {len(done.unknown):,} for unknown requests" if done.unknown else ""
    return Completed(message=f"{done.added:,} prices added{unknown}{left}.")


@task(name="read-prices", cache_policy=NO_CACHE)
def read(uri: str) -> PriceList:
    """Read and check the file."""
    return price_list(storage.read_bytes(uri), uri)


@task(name="add-prices", cache_policy=NO_CACHE)
def add(log: InferenceLog, prices: PriceList, client: str) -> Imported:
    """Add what is new."""
    added: set[str] = set()
    known: set[str] = set()
    rows = prices.rows.assign(client=client, source=IMPORTED)
    now = datetime.now(UTC)
    for start in range(0, len(rows), _BATCH):
        new, found = log.add_feedback(rows.iloc[start : start + _BATCH], received_at=now)
        added |= new
        known |= found
    ids = rows["request_id"].tolist()
    unknown = tuple(each for each in ids if each not in known)
    return Imported(added=len(added), known_before=len(ids) - len(added), unknown=unknown)


def price_list(content: bytes, name: str) -> PriceList:
    """The prices in a CSV file. Raises DataError when it is no such file at all."""
    try:
        frame = pd.read_csv(io.BytesIO(content), dtype="str", keep_default_na=False)
    except (ValueError, UnicodeDecodeError) as error:
        raise DataError(f"{name} is not CSV in UTF-8 ({str(error)[:200]}). Save it as such.") from error
    missing = [column for column in ("request_id", "price") if column not in frame]
    if missing:
        raise DataError(
            f"{name} has no column {', '.join(missing)}; it has {', '.join(frame.columns)}. Expected a "
            "header line request_id,price, then the request_id of each answer and the price in USD."
        )
    ids = frame["request_id"].map(_uuid)
    price = pd.to_numeric(frame["price"], errors="coerce").astype("float64")
    reason = pd.Series("", index=frame.index)
    reason = reason.mask(~(price > 0) | (price == float("inf")), "price is no number above zero")
    reason = reason.mask(ids.isna(), "request_id is no UUID")
    good = pd.DataFrame({"request_id": ids, "actual_price": price})[reason == ""]
    repeated = good["request_id"].duplicated(keep="first")
    reason.loc[good.index[repeated]] = "request_id stands in the file before"
    bad = pd.DataFrame({"row": frame.index + 1, "reason": reason})[reason != ""]
    return PriceList(good[~repeated].reset_index(drop=True), bad, hashlib.sha256(content).hexdigest())


def _uuid(text: str) -> str | None:
    try:
        return str(uuid.UUID(text.strip()))
    except ValueError:
        return None


def _report(uri: str, client: str, prices: PriceList, done: Imported) -> str:
    counts = [
        ("prices added", f"{done.added:,}"),
        ("known before, unchanged", f"{done.known_before:,}"),
        ("for requests that are not known", f"{len(done.unknown):,}"),
        ("rows refused", f"{len(prices.bad):,}"),
    ]
    parts = [f"# Imported prices\n\n`{uri}` of {client}", table(["", "rows"], counts)]
    if done.unknown:
        shown = [(each,) for each in done.unknown[:_SHOWN]]
        parts.append("Kept, but no prediction is known for them:\n\n" + table(["request_id"], shown))
    if len(prices.bad):
        rows = prices.bad.head(_SHOWN).itertuples(index=False, name=None)
        parts.append("Refused:\n\n" + table(["row", "reason"], [tuple(map(str, row)) for row in rows]))
    return "\n\n".join(parts)
