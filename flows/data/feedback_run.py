"""What a run of `feedback` does, from the file of prices to the table."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import pandas as pd
from prefect import State, task
from prefect.cache_policies import NO_CACHE
from prefect.states import Completed

from configuration.errors import SettingsError
from configuration.postgresql import EXAMPLE
from flows.data import storage
from flows.data.feedback_rows import IMPORTED
from flows.data.inference_log import InferenceLog
from flows.errors import NothingUsed
from flows.orchestration import artifacts, failures
from flows.orchestration.markdown import counted, table
from flows.orchestration.retries import IO
from flows.settings import FlowSettings
from pricing.data.prices_file import PriceList, read_price_list

FEEDBACK_KEY: Final = "wine-feedback"
_BATCH: Final = 5_000
_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did. `unknown` are ids for which no prediction is known: kept, and reported."""

    added: int
    known_before: int
    unknown: tuple[str, ...]


def run(prices_uri: str, client: str, columns: Mapping[str, str] | None) -> State[Any]:
    """Add the prices of a file to the feedback, as `flows.feedback.import_feedback` documents it."""
    failures.tell_once()
    try:
        settings = FlowSettings.from_env({"MLFLOW_TRACKING_URI": "file:unused", **os.environ})
        if settings.neon_uri is None:
            raise SettingsError.of("NEON_URI", "is not set: the database of the inference log", EXAMPLE)
        prices = read(prices_uri, columns)
        _refuse_unused(prices, prices_uri)
        done = add(InferenceLog(settings.neon_uri), prices, client)
        artifacts.show(FEEDBACK_KEY, _report(prices_uri, client, prices, done), description="Imported prices")
    except failures.HANDLED as error:
        return failures.failed(error)
    left = f", {counted(len(prices.bad), 'row')} refused" if prices.bad else ""
    unknown = f", {len(done.unknown):,} for unknown requests" if done.unknown else ""
    return Completed(message=f"{counted(done.added, 'price')} added{unknown}{left}.")


@task(name="read-prices", cache_policy=NO_CACHE, timeout_seconds=600, **IO)
def read(uri: str, columns: Mapping[str, str] | None) -> PriceList:
    """Read and check the file."""
    content = storage.read_bytes(uri, advice="Check the parameter prices_uri.")
    return read_price_list(content, name=uri.rpartition("/")[2], columns=columns)


@task(name="add-prices", cache_policy=NO_CACHE, timeout_seconds=1800, **IO)
def add(log: InferenceLog, prices: PriceList, client: str) -> Imported:
    """Add what is new."""
    added: set[str] = set()
    known: set[str] = set()
    listed = pd.DataFrame([(price.request_id, price.price) for price in prices.prices])
    rows = listed.set_axis(["request_id", "actual_price"], axis="columns").assign(
        client=client, source=IMPORTED
    )
    now = datetime.now(UTC)
    for start in range(0, len(rows), _BATCH):
        new, found = log.add_feedback(rows.iloc[start : start + _BATCH], received_at=now)
        added |= new
        known |= found
    ids = rows["request_id"].tolist()
    unknown = tuple(each for each in ids if each not in known)
    return Imported(added=len(added), known_before=len(ids) - len(added), unknown=unknown)


def _refuse_unused(prices: PriceList, uri: str) -> None:
    if prices.prices:
        return
    first = prices.bad[0]
    raise NothingUsed(
        f"No price of {uri} can be used: {counted(len(prices.bad), 'row')} refused, the first in line "
        f"{first.line} ({first.value}): {first.reason}. Nothing was added; correct the file and run again."
    )


def _report(uri: str, client: str, prices: PriceList, done: Imported) -> str:
    counts = [
        ("prices added", f"{done.added:,}"),
        ("known before, unchanged", f"{done.known_before:,}"),
        ("for requests that are not known", f"{len(done.unknown):,}"),
        ("rows refused", f"{len(prices.bad):,}"),
    ]
    written = f"; {prices.dialect}" if prices.dialect else ""
    parts = [f"# Imported prices\n\n`{uri}` of {client}{written}", table(["", "rows"], counts)]
    if done.unknown:
        shown = [(each,) for each in done.unknown[:_SHOWN]]
        parts.append("Kept, but no prediction is known for them:\n\n" + table(["request_id"], shown))
    if prices.bad:
        rows = [(f"{row.line:,}", row.value, row.reason) for row in prices.bad[:_SHOWN]]
        parts.append("Refused:\n\n" + table(["line", "row", "reason"], rows))
    return "\n\n".join(parts)
