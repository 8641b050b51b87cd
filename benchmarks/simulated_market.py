"""A year of requests in a market whose prices rise, and what real prices clients report.

Wines whose prices are reported and wines on which errors are measured are different ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from pricing.data.cleaning import clean
from pricing.data.split import split_by_wine
from pricing.synthetic.reviews import sample
from pricing.wine.schema import OPTIONAL_FIELDS, PRICE

START = datetime(2026, 1, 1, tzinfo=UTC)
MONTHLY = 0.02
FEEDBACK_SHARE = 0.1
DELAY_DAYS = 14
CLIENTS = 25


@dataclass(frozen=True)
class World:
    """Reviews to begin with, a file to test on, and the wines that are asked about in the year."""

    train: pd.DataFrame
    test: pd.DataFrame
    reported: pd.DataFrame
    measured: pd.DataFrame
    source: str


def world(data: Path | None, rows: int) -> World:
    if data is None:
        made = sample(train_rows=6_000, test_rows=1_000)
        train, test, source = made.train, made.test, "synthetic reviews"
    else:
        train, test = (pd.read_csv(data / f"winemag-{name}.csv") for name in ("train", "test"))
        source = "real reviews (`winemag-train.csv`)"
    wines, holdout = clean(train)[0], clean(test)[0]
    wines = wines.sample(min(rows, len(wines)), random_state=0)
    begin, traffic = split_by_wine(wines, test_share=0.4, seed=1)
    reported, measured = split_by_wine(traffic, test_share=0.5, seed=2)
    return World(*(frame.reset_index(drop=True) for frame in (begin, holdout, reported, measured)), source)


def as_requests(wines: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Requests as clients send them: half provide the required fields alone, others more."""
    pattern = rng.random(len(wines))
    wines = wines.copy()
    for name in OPTIONAL_FIELDS:
        keep = pattern > (0.5 if name in ("variety", "winery", "region") else 0.8)
        wines[name] = wines[name].where(keep, None)
    return wines


def requests(of: World, day: int, count: int) -> pd.DataFrame:
    """A day's requests with what the wines cost on that day; `can_report` marks those of reported wines."""
    rng = np.random.default_rng([7, day])
    half = count // 2
    parts = [
        frame.iloc[rng.integers(0, len(frame), size)].assign(can_report=flag)
        for frame, size, flag in ((of.reported, half, True), (of.measured, count - half, False))
    ]
    wines = as_requests(pd.concat(parts, ignore_index=True), rng)
    when = START + timedelta(days=day)
    return wines.assign(
        actual_price=wines[PRICE] * (1 + MONTHLY) ** (day / 30),
        client=rng.integers(0, CLIENTS, count).astype(str),
        request_id=[f"{day:04d}-{number:06d}" for number in range(count)],
        asked_at=when,
        received_at=when + timedelta(days=DELAY_DAYS),
        reports=wines["can_report"] & (rng.random(count) < 2 * FEEDBACK_SHARE),
        source="api",
    )
