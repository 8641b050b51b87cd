"""How well the model prices, how sure it is, and what it costs.

    DATA=folder python -m benchmarks.bench_model [--jobs 2]

Trains on each training file found in DATA (or ARTIFACT_DATA) and scores the test files, with the
optional fields masked or provided. Prints one table and writes it to benchmarks/model.md.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from benchmarks.ablation import PARTS, errors_of
from benchmarks.record import keep, markdown_table
from pricing.arrays import Bools, Floats
from pricing.data.cleaning import clean
from pricing.data.records import records_of
from pricing.estimator import WinePriceRegressor
from pricing.evaluation.slices import slices_of
from pricing.storage import skops_file
from pricing.wine.schema import OPTIONAL_FIELDS, PRICE, REQUIRED_FIELDS

FILES: Final = {
    "small": "winemag-train.csv",
    "130k": "winemag-130k-train.csv.gz",
    "test": "winemag-test.csv",
    "130k-test": "winemag-130k-test.csv.gz",
    "shifted": "winemag-shifted.csv",
}
SETS: Final = {
    "required fields": (),
    "+ variety, region, winery": ("variety", "region", "winery"),
    "all": OPTIONAL_FIELDS,
}
PAIRS: Final = (
    ("small", "test"),
    ("small", "shifted"),
    ("130k", "130k-test"),
    ("130k", "test"),
    ("130k", "shifted"),
)
SLICE_ROWS: Final = 200
QUALITY: Final = (
    "trained on",
    "tested on",
    "fields",
    "rows",
    "RMSE",
    "R²",
    "median APE",
    "MAE USD",
    "coverage",
    "width",
    "constant width",
    "coverage of slices",
)
COST: Final = (
    "trained on",
    "rows",
    "fit s",
    "peak MB",
    "artefact MB",
    "load s",
    "µs a wine",
    "wines/s in batches",
)


def main() -> None:
    arguments = _arguments()
    folder = Path(arguments.data)
    found = {name: folder / file for name, file in FILES.items() if (folder / file).is_file()}
    if arguments.train:
        print(json.dumps(_one(found, arguments.train, arguments.jobs)))
        return
    trained = [name for name in ("small", "130k") if name in found]
    if not trained:
        sys.exit(
            f"No {FILES['small']} or {FILES['130k']} in {folder}. Set DATA to the folder with the reviews."
        )
    results = [_in_its_own_process(name, arguments) for name in trained]
    text = _report(results, arguments.jobs)
    keep("model.md", text)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", default=os.environ.get("DATA") or os.environ.get("ARTIFACT_DATA") or ".")
    parser.add_argument("--jobs", type=int, default=2, help="threads of the fit")
    parser.add_argument("--train", choices=("small", "130k"), help=argparse.SUPPRESS)
    return parser.parse_args()


def _in_its_own_process(name: str, arguments: argparse.Namespace) -> dict[str, Any]:
    """One training file per process, so that the peak of memory is its own."""
    command = [sys.executable, "-m", "benchmarks.bench_model", "--train", name]
    command += ["--data", arguments.data, "--jobs", str(arguments.jobs)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def _one(found: Mapping[str, Path], name: str, jobs: int) -> dict[str, Any]:
    train = _wines(found[name])
    began = time.perf_counter()
    estimator = WinePriceRegressor(n_jobs=jobs).fit(train, np.log(train[PRICE]))
    cost: dict[str, float] = {"fit": time.perf_counter() - began, "peak": _peak_mb()}
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / skops_file.FILE_NAME
        skops_file.save(estimator, path)
        cost["size"] = path.stat().st_size / 1e6
        began = time.perf_counter()
        scorer = skops_file.load(path).scorer()
        cost["load"] = time.perf_counter() - began
    wines = records_of(train.sample(min(2000, len(train)), random_state=0))
    cost["micros"] = (
        float(np.median([_seconds(lambda wine=wine: scorer.score(wine)) for wine in wines])) * 1e6
    )
    cost["batch"] = len(wines[:1000]) / min(
        _seconds(lambda: scorer.score_batch(wines[:1000])) for _ in range(3)
    )
    tests = [test for trained, test in PAIRS if trained == name and test in found]
    quality = [row for test in tests for row in _quality(estimator, name, test, _wines(found[test]))]
    own_test = found.get("test" if name == "small" else "130k-test")
    worth = [] if own_test is None else list(_worth(name, train, _wines(own_test), jobs))
    return {"name": name, "rows": len(train), "cost": cost, "quality": quality, "worth": worth}


def _worth(name: str, train: pd.DataFrame, wines: pd.DataFrame, jobs: int) -> Iterator[list[str]]:
    """RMSE by provided fields: of the baseline, of the model without one of its parts, and of the whole."""
    tests = {fields: wines[[*REQUIRED_FIELDS, *optional, PRICE]] for fields, optional in SETS.items()}
    found = {part: errors_of(part, train, tests, jobs) for part in PARTS}
    whole = {fields: _rmse(errors) for fields, errors in found["wine"].items()}
    for part, errors in found.items():
        figures = {fields: _rmse(each) for fields, each in errors.items()}
        yield [
            name,
            part,
            *(f"{rmse:.4f} ({rmse / whole[fields] - 1:+z.1%})" for fields, rmse in figures.items()),
        ]


def _rmse(errors: Floats) -> float:
    return float(np.sqrt((errors**2).mean()))


def _seconds(call: Any) -> float:  # noqa: ANN401
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def _wines(path: Path) -> pd.DataFrame:
    return clean(pd.read_csv(path))[0]


def _quality(estimator: WinePriceRegressor, name: str, test: str, wines: pd.DataFrame) -> Iterator[list[str]]:
    actual = np.log(wines[PRICE].to_numpy())
    for fields, optional in SETS.items():
        estimates = estimator.estimate(wines[[*REQUIRED_FIELDS, *optional]])
        error = estimates["log_price"].to_numpy() - actual
        ratio = np.abs(np.expm1(error))
        inside = (estimates["low"].to_numpy() <= actual) & (actual <= estimates["high"].to_numpy())
        width = (estimates["high"] - estimates["low"]).mean()
        share = inside.mean()
        constant = np.subtract(*np.quantile(error, [0.5 + share / 2, 0.5 - share / 2]))
        yield [
            name, test, fields, f"{len(wines):,}", f"{np.sqrt((error**2).mean()):.4f}",
            f"{1 - (error**2).mean() / actual.var():.3f}", f"{np.median(ratio):z.1%}",
            f"{np.abs(np.exp(estimates['log_price']) - wines[PRICE]).mean():.2f}",
            f"{share:z.1%}", f"{width:.3f}", f"{constant:.3f}", _slices(wines, actual, inside),
        ]  # fmt: skip


def _slices(wines: pd.DataFrame, actual: Floats, inside: Bools) -> str:
    """Lowest and highest coverage of slices with at least `SLICE_ROWS` rows, by what a client knows."""
    found = sorted(
        (float(inside[part.mask].mean()), f"{part.name} {part.group}")
        for part in slices_of(wines, actual, min_rows=SLICE_ROWS)
        if part.name != "price decile"
    )
    return " to ".join(f"{share:z.1%} ({name})" for share, name in (found[0], found[-1])) if found else "-"


def _peak_mb() -> float:
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def _report(results: Sequence[Mapping[str, Any]], jobs: int) -> str:
    quality = [row for result in results for row in result["quality"]]
    worth = [row for result in results for row in result["worth"]]
    costs = [
        [
            result["name"], f"{result['rows']:,}", f"{cost['fit']:.0f}", f"{cost['peak']:,.0f}",
            f"{cost['size']:.1f}", f"{cost['load']:.2f}", f"{cost['micros']:.0f}", f"{cost['batch']:,.0f}",
        ]
        for result in results
        for cost in (result["cost"],)
    ]  # fmt: skip
    return f"""# The model, measured

`make bench-model DATA=folder` on {datetime.now(UTC):%d %B %Y}: {os.cpu_count()} cores
({platform.machine()}), Python {platform.python_version()}, fit on {jobs} threads, scoring on one.
RMSE and width are of natural log USD; coverage is of the 80 % interval. One model per training file;
fields are hidden at test time. The constant width is that of one interval for all of these rows with
the same coverage. Slices: country, decade, length of the description, points, {SLICE_ROWS} rows or more.

{markdown_table(QUALITY, quality)}

{markdown_table(COST, costs)}

What each part is worth: the baseline is a linear model of scikit-learn
(`pricing/estimators/baseline.py`), the others are this model with one part silenced, fitted anew, on the
test file of the same kind.

{markdown_table(("trained on", "model", *SETS), worth)}
"""


if __name__ == "__main__":
    main()
