"""A year of traffic in minutes: prices rise by 2 % a month, and a tenth of requests learn the real price.

    python -m benchmarks.simulated_year [DATA] [--requests 2000] [--days 365] [--wines 4000]

DATA is a folder of reviews (winemag-train.csv, winemag-test.csv); without it the synthetic reviews are
used. The year runs twice, with the loop and without, through the same functions as the flows: the checks
of `drift`, the debounce, the guard, the price level, the fit, the gate. Wines whose prices are reported
and wines on which errors are measured are different ones. Writes benchmarks/simulated_year.md and
docs/images/simulated-year.png.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib import pyplot as plt

from benchmarks.bench_drift import Remembering
from benchmarks.record import keep
from benchmarks.simulated_market import DELAY_DAYS, FEEDBACK_SHARE, MONTHLY, START, World, requests, world
from flows.data.feedback_rows import one_per_wine, trusted_feedback
from flows.data.price_level import NetOfLevel, at_todays_level, price_level
from flows.data.reference import Reference, reference_of, reference_sample
from flows.data.retraining import DRIFT_TRIGGER, LastTraining, TrainingMaterial, decide
from flows.monitoring.checks import (
    Watch,
    expected_error_check,
    feedback_check,
    inputs_check,
    predictions_check,
)
from flows.monitoring.error_growth import rmse
from flows.monitoring.verdict import DriftOutcome, Thresholds, Verdict
from flows.orchestration.markdown import table
from pricing.arrays import Floats
from pricing.estimator import WinePriceRegressor
from pricing.evaluation.comparison import compare_models
from pricing.evaluation.training_noise import TrainingNoise
from pricing.wine.schema import FIELDS, PRICE

mpl.use("Agg")
ROOT = Path(__file__).resolve().parent.parent
CHECK_EVERY = 7
LOOKED_AT = 3_000


@dataclass
class Version:
    """A model in production: its number, its price level (log), when it was trained and on what."""

    number: str
    model: Remembering
    level: float
    reference: Reference
    trained_at: datetime
    material: TrainingMaterial


@dataclass
class Year:
    """What happened: one line a day, one a training."""

    daily: list[dict[str, float]] = field(default_factory=list)
    trainings: list[tuple[int, str]] = field(default_factory=list)

    def weekly_rmse(self) -> pd.Series:
        days = pd.DataFrame(self.daily)
        return np.sqrt(days.groupby(days["day"] // 7)["squared"].mean())


def first_version(of: World) -> Version:
    material = TrainingMaterial("reviews", hashlib.sha256(b"").hexdigest())
    return fitted("1", of.train, of, level=0.0, now=START, material=material)


def fitted(number: str, wines: pd.DataFrame, of: World, *, level: float, now: datetime,
           material: TrainingMaterial) -> Version:  # fmt: skip
    model = WinePriceRegressor().fit(wines, np.log(wines[PRICE].to_numpy()))
    reference = reference_of(reference_sample(wines, of.test), price_level=level)
    return Version(number, Remembering(model), level, reference, now, material)


def watched(version: Version, window: pd.DataFrame, feedback: pd.DataFrame, seed: int) -> DriftOutcome:
    rng = np.random.default_rng(seed)
    watch = Watch(version.reference, version.model, Thresholds(), rng)
    # As the flow does with `sample_rows`.
    window = window.iloc[rng.permutation(len(window))[:LOOKED_AT]].reset_index(drop=True)
    own = trusted_feedback(feedback).rows
    return DriftOutcome(
        (
            inputs_check(watch, window),
            predictions_check(watch, window),
            expected_error_check(watch, window),
            feedback_check(watch, own[own["model_version"] == version.number]),
        )
    )


def retrained(version: Version, of: World, received: pd.DataFrame, levels: dict[str, float],
              now: datetime) -> Version | None:  # fmt: skip
    """What `train` and `promote` do after a drift event; None when one of them says no."""
    trusted = trusted_feedback(received)
    digest = hashlib.sha256(",".join(trusted.rows["request_id"]).encode()).hexdigest()
    material = TrainingMaterial("reviews", digest)
    last = LastTraining(version.number, version.trained_at, version.material)
    decision = decide(triggered_by=DRIFT_TRIGGER, force=False, now=now, last=last, material=material)
    if not decision.train:
        return None
    level = price_level(trusted.rows, now=pd.Timestamp(now), levels=levels, production=version.level)
    wines = pd.concat(
        [
            of.train.assign(**{PRICE: of.train[PRICE] * np.exp(level.today)}),
            one_per_wine(at_todays_level(trusted.wines, level)),
        ],
        ignore_index=True,
    )
    number = str(int(version.number) + 1)
    candidate = fitted(number, wines, of, level=level.today, now=now, material=material)
    return candidate if passes(version, candidate, of.test, len(wines)) else None


def passes(champion: Version, candidate: Version, holdout: pd.DataFrame, rows: int) -> bool:
    models = [NetOfLevel(each.model, each.level) for each in (champion, candidate)]
    return compare_models(models[0], models[1], holdout, noise=TrainingNoise(rows)).passed


def live(of: World, first: Version, *, days: int, count: int, loop: bool) -> Year:
    """A year of requests, checks and, with the loop, trainings."""
    year, version, levels = Year(), first, {first.number: first.level}
    recent: list[pd.DataFrame] = []
    reports: list[pd.DataFrame] = []
    for day in range(days):
        now = START + timedelta(days=day)
        asked = requests(of, day, count)
        log_price = version.model.estimate(asked)["log_price"].to_numpy()
        asked = asked.assign(predicted_price=np.exp(log_price), model_version=version.number)
        residual: Floats = np.log(asked["actual_price"].to_numpy()) - log_price
        measured = residual[~asked["can_report"].to_numpy()]
        year.daily.append({"day": day, "squared": rmse(measured) ** 2, "bias": float(np.median(measured))})
        reports.append(asked[asked["reports"]])
        recent = [*recent[-(CHECK_EVERY - 1) :], asked]
        if day % 30 == 0:
            print(f"day {day}, loop {loop}, version {version.number}", file=sys.stderr, flush=True)
        if not loop or day % CHECK_EVERY or day < DELAY_DAYS + CHECK_EVERY:
            continue
        known = [report for report in reports if report["received_at"].iloc[0] <= now]
        outcome = watched(version, pd.concat(recent)[list(FIELDS)], pd.concat(known[-CHECK_EVERY:]), day)
        if outcome.verdict is Verdict.DRIFT:
            made = retrained(version, of, pd.concat(known), levels, now)
            if made is not None:
                version, levels[made.number] = made, made.level
                reason = outcome.drifted[0].strongest
                year.trainings.append((day, reason.detail if reason else ""))
    return year


def draw(years: dict[str, Year], path: Path) -> None:
    figure, axis = plt.subplots(figsize=(9, 4))
    for (name, year), colour in zip(years.items(), ("#1b7f5c", "#b3423a"), strict=True):
        weekly = year.weekly_rmse()
        axis.plot(weekly.index * 7, weekly.to_numpy(), lw=2.2, color=colour, label=name)
        for day, _ in year.trainings:
            axis.axvline(day, color=colour, lw=0.7, ls=":")
    start = next(iter(years.values())).weekly_rmse().iloc[0]
    axis.axhspan(start * 0.9, start * 1.1, color="grey", alpha=0.12, label="within 10 % of the start")
    axis.set(
        xlabel="day (dotted: a retrained model goes live)",
        ylabel="realised RMSE of log price, by week",
        title="Prices rise by 2 % a month; a tenth of requests learn the real price",
    )
    axis.legend()
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)


def outcome(name: str, year: Year) -> tuple[str, ...]:
    weekly = year.weekly_rmse()
    start, worst, end = weekly.iloc[0], weekly.max(), weekly.iloc[-1]
    return (
        name,
        f"{start:.3f}",
        f"{worst:.3f} ({worst / start - 1:+z.0%})",
        f"{end:.3f} ({end / start - 1:+z.0%})",
        f"{np.expm1(year.daily[-1]['bias']):+z.1%}",
        str(len(year.trainings)),
    )


def report(of: World, years: dict[str, Year], count: int, days: int, seconds: float) -> str:
    columns = [
        "",
        "RMSE, first week",
        "worst week",
        "last week",
        "prices above answers at the end",
        "trainings",
    ]
    cost = f"{seconds:.0f} s, {time.process_time():.0f} s of CPU"
    intro = (
        f"`python -m benchmarks.simulated_year` on {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, {cost}. "
        f"{of.source.capitalize()}, {len(of.train):,} to begin with; {count:,} requests a "
        f"day for {days} days, prices up by {MONTHLY:z.0%} a month, real prices for {FEEDBACK_SHARE:z.0%} of "
        f"requests after {DELAY_DAYS} days, a drift check every {CHECK_EVERY} days."
    )
    trainings = "\n".join(f"- day {day}: {why}" for day, why in years["with the loop"].trainings)
    parts = [
        "# A simulated year",
        intro,
        table(columns, [outcome(name, year) for name, year in years.items()]),
        "![the year](../docs/images/simulated-year.png)",
        "Trainings that went live, and the drift that started them:",
        trainings,
    ]
    return "\n\n".join(parts) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, nargs="?")
    parser.add_argument("--requests", type=int, default=2_000)
    parser.add_argument("--wines", type=int, default=4_000)
    parser.add_argument("--days", type=int, default=365)
    given = parser.parse_args()
    began = time.perf_counter()
    of = world(given.data, given.wines)
    first = first_version(of)
    years = {
        name: live(of, first, days=given.days, count=given.requests, loop=loop)
        for name, loop in (("with the loop", True), ("without", False))
    }
    draw(years, ROOT / "docs/images/simulated-year.png")
    text = report(of, years, given.requests, given.days, time.perf_counter() - began)
    keep("simulated_year.md", text)


if __name__ == "__main__":
    main()
