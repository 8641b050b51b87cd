"""How often drift is found: on traffic that has not moved, on traffic that has, and on mixtures.

    make bench-drift DATA=path/to/folder
    python -m benchmarks.bench_drift DATA [--windows 100] [--curve-windows 20] [--log-rows 100000]

DATA holds winemag-train.csv, winemag-test.csv and winemag-shifted.csv. Writes benchmarks/drift.md and
docs/images/drift-detection.png.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from benchmarks.drift_at_scale import Scale, measure_scale
from benchmarks.drift_curves import COLUMNS, curve_table, draw_curve, rates_table
from benchmarks.evidently_preset import PRESET, preset_finds_drift
from benchmarks.record import keep
from flows.data.reference import Reference, holdout_errors, reference_of, reference_sample, residuals
from flows.monitoring.checks import (
    Watch,
    expected_error_check,
    feedback_check,
    inputs_check,
    labelled_check,
    predictions_check,
)
from flows.monitoring.descriptors import Vocabulary
from flows.monitoring.error_growth import rmse
from flows.monitoring.label_free import ErrorCalibration
from flows.monitoring.verdict import DriftOutcome, Thresholds, Verdict
from flows.orchestration.markdown import table
from pricing.data.cleaning import clean
from pricing.data.split import split_by_wine
from pricing.estimator import WinePriceRegressor
from pricing.evaluation.views import cut_notes
from pricing.storage import skops_file
from pricing.wine.schema import FIELDS, PRICE, REQUIRED_FIELDS

ROWS = 500
SHARES = (0.05, 0.1, 0.15, 0.2, 0.3)
UNSEEN = 0.15
SHORT = 12
"""Words of the notes of clients who write a line."""
FIELD_SETS = {"required fields": REQUIRED_FIELDS, "all": FIELDS}
ROOT = Path(__file__).resolve().parent.parent


class Remembering:
    """A model that scores each different wine once: windows are drawn from the same rows again and again."""

    def __init__(self, model: WinePriceRegressor) -> None:
        self.itself = model
        self._known: dict[tuple[object, ...], tuple[float, ...]] = {}

    def estimate(self, wines: pd.DataFrame, coverage: float | None = None) -> pd.DataFrame:
        columns = wines.reindex(columns=list(FIELDS)).astype("object")
        keys = list(columns.where(columns.notna(), None).itertuples(index=False, name=None))
        new = [position for position, key in enumerate(keys) if key not in self._known]
        if new:
            scored = self.itself.estimate(wines.iloc[new], coverage).itertuples(index=False, name=None)
            self._known.update(zip([keys[position] for position in new], scored, strict=True))
        names = ["log_price", "low", "high", "expected_error"]
        return pd.DataFrame([self._known[key] for key in keys], columns=names, index=wines.index)


@dataclass(frozen=True)
class Bench:
    """A fitted model, its reference, and the rows that windows are drawn from."""

    name: str
    model: Remembering
    reference: Reference
    usual: pd.DataFrame
    moved: pd.DataFrame
    vocabulary: Vocabulary

    def check(self, window: pd.DataFrame, seed: int) -> DriftOutcome:
        watch = Watch(self.reference, self.model, Thresholds(), np.random.default_rng(seed))
        answered = window.rename(columns={PRICE: "actual_price"}).assign(
            predicted_price=np.exp(self.model.estimate(window)["log_price"])
        )
        return DriftOutcome(
            (
                inputs_check(watch, window),
                predictions_check(watch, window),
                labelled_check(watch, window),
                feedback_check(watch, answered),
                expected_error_check(watch, window),
            )
        )

    def windows(
        self, share: float, fields: Sequence[str], count: int, words: int | None = None
    ) -> Iterator[pd.DataFrame]:
        """`count` windows of 500 rows, drawn with replacement, a share of them from the moved rows; the first
        `words` of each note, or all of it.
        """
        columns = [*fields, PRICE]
        for seed in range(count):
            rng = np.random.default_rng([seed, int(share * 100)])
            moved = round(share * ROWS)
            parts = [
                self.usual.iloc[rng.integers(0, len(self.usual), ROWS - moved)],
                self.moved.iloc[rng.integers(0, len(self.moved), moved)],
            ]
            window = pd.concat(parts)[columns].reset_index(drop=True)
            if words is not None:
                window["description"] = cut_notes(window["description"], words)
            yield window


def read(data: Path, name: str) -> pd.DataFrame:
    return clean(pd.read_csv(data / name))[0].reset_index(drop=True)


def bench(
    name: str, train: pd.DataFrame, holdout: pd.DataFrame, usual: pd.DataFrame, moved: pd.DataFrame
) -> Bench:
    model = WinePriceRegressor().fit(train, np.log(train[PRICE].to_numpy()))
    reference = reference_of(reference_sample(train, holdout))
    return Bench(name, Remembering(model), reference, usual, moved, Vocabulary.of(reference.train))


def detections(
    of: Bench, share: float, fields: Sequence[str], count: int, words: int | None = None
) -> dict[str, float]:
    """Share of windows in which each check, all of them together, and Evidently's preset found drift."""
    found: Counter[str] = Counter()
    for seed, window in enumerate(of.windows(share, fields, count, words)):
        outcome = of.check(window, seed)
        found["overall"] += outcome.verdict is Verdict.DRIFT
        found.update(check.name for check in outcome.drifted)
        found[PRESET] += preset_finds_drift(of.reference, window, of.model, of.vocabulary, seed)
    print(of.name, f"{share:z.0%}", len(fields), words, dict(found), file=sys.stderr, flush=True)
    return {name: found[name] / count for name in COLUMNS}


def label_free(of: Bench, fields: Sequence[str]) -> list[tuple[str, float, float]]:
    """(traffic, estimated RMSE, realised RMSE) without and with the prices."""
    rows = []
    for name, wines in (("usual", of.usual), ("moved", of.moved)):
        window = wines[[*fields, PRICE]]
        calibration = ErrorCalibration.fit(
            holdout_errors(of.reference, of.model, window, np.random.default_rng(0))
        )
        rows.append((name, calibration.rmse(of.model.estimate(window)), rmse(residuals(window, of.model))))
    return rows


def _traffic(share: float, words: int | None) -> str:
    return ("moved" if share else "usual") + (f", {words} words of each note" if words else "")


def label_free_table(benches: Sequence[Bench]) -> str:
    found = {
        (of.name, fields): label_free(of, columns) for of in benches for fields, columns in FIELD_SETS.items()
    }
    rows = [
        (*case, traffic, f"{estimated:.3f}", f"{realised:.3f}", f"{estimated / realised - 1:+z.0%}")
        for case, lines in found.items()
        for traffic, estimated, realised in lines
    ]
    columns = ["reference's holdout", "fields", "traffic", "estimated RMSE", "realised RMSE", "off by"]
    return table(columns, rows)


def report(sections: dict[str, str], windows: int, scale: Scale | None) -> str:
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}"
    intro = (
        f"`make bench-drift` on {datetime.now(UTC):%Y-%m-%d}, {machine}. Trained on "
        f"`winemag-train.csv`; windows of {ROWS} rows drawn with replacement from `winemag-test.csv` (usual) "
        f"and `winemag-shifted.csv` (moved: wines of 94 points and more), {windows} each. A check allows "
        f"itself a chance of {Thresholds.significance:z.0%} of a false alarm. Evidently's preset has its own "
        "limits, on the columns of the detailed report of the same windows.\n"
    )
    parts = ["# Drift: how often it is found\n", intro]
    parts += [f"## {title}\n\n{text}\n" for title, text in sections.items()]
    if scale is not None:
        parts.append(
            f"## At scale\n\n{scale.rows:,} logged rows in PostgreSQL: read, judged, reported: "
            f"{scale.seconds:.0f} s ({scale.cpu_seconds:.0f} s of CPU), {scale.peak_mb:,.0f} MB at the peak "
            "of the process.\n"
        )
    return "\n".join(parts)


def at_scale(data: Path, rows: int, model: Remembering) -> Scale:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / skops_file.FILE_NAME
        skops_file.save(model.itself, path)
        return measure_scale(data, rows, path)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, nargs="?", default=os.environ.get("DATA") or None)
    parser.add_argument("--windows", type=int, default=100)
    parser.add_argument("--curve-windows", type=int, default=20)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--log-rows", type=int, default=100_000)
    given = parser.parse_args()
    if given.data is None:
        parser.error("which reviews? make bench-drift DATA=path/to/folder, with winemag-shifted.csv in it")
    began = time.perf_counter()
    train, test, moved = (read(given.data, f"winemag-{name}.csv") for name in ("train", "test", "shifted"))
    fitted, held = split_by_wine(train, test_share=UNSEEN, seed=0)
    usual = bench("winemag-test.csv", train, test, test, moved)
    strict = bench("a seventh of the training wines", fitted, held.reset_index(drop=True), test, moved)
    cases = [
        *(
            (of, share, fields, given.windows, words)
            for of in (usual, strict)
            for words in (None, SHORT)
            for share in (0.0, 1.0)
            for fields in FIELD_SETS
        ),
        *((usual, share, fields, given.curve_windows, None) for fields in FIELD_SETS for share in SHARES),
    ]
    found = Parallel(n_jobs=given.jobs)(
        delayed(detections)(of, share, FIELD_SETS[fields], count, words)
        for of, share, fields, count, words in cases
    )
    by_case = {
        (of.name, share, fields, words): rates
        for (of, share, fields, _, words), rates in zip(cases, found, strict=True)
    }
    rates = {
        (name, _traffic(share, words), fields): rates
        for (name, share, fields, words), rates in by_case.items()
        if share in (0.0, 1.0)
    }
    curves = {
        fields: {share: by_case[usual.name, share, fields, None] for share in SHARES} for fields in FIELD_SETS
    }
    draw_curve(curves, ROOT / "docs/images/drift-detection.png")
    sections = {
        "Windows in which drift is found": rates_table(rates),
        "By share of moved rows": "![by share](../docs/images/drift-detection.png)\n\n" + curve_table(curves),
        "RMSE estimated without labels": label_free_table((usual, strict)),
    }
    scale = at_scale(given.data, given.log_rows, usual.model) if given.log_rows else None
    text = report(sections, given.windows, scale)
    keep("drift.md", text)
    print(f"{time.perf_counter() - began:.0f} s in all")


if __name__ == "__main__":
    main()
