"""How the gate decides: acceptance of equal, worse, better and broken candidates, with intervals.

    DATA=folder python -m benchmarks.bench_gate [--seeds 12] [--large-seeds 4] [--cache folder]

Fits the estimator with several seeds, and some that are truly worse, and lets every fit stand against
every other on the held-out wines. Candidates that are worse or better by a known share are made from the
fits' errors. Writes benchmarks/gate.md.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from benchmarks.record import keep
from pricing.arrays import Floats
from pricing.data.cleaning import clean
from pricing.estimator import WinePriceRegressor
from pricing.evaluation.comparison import BY_OUTCOME, Comparison, Margins, PairedErrors, compare
from pricing.evaluation.slices import Slice, slices_of
from pricing.evaluation.training_noise import TrainingNoise
from pricing.evaluation.views import VIEWS, View, asked_as
from pricing.wine.schema import PRICE

Errors = dict[str, Floats]
"""Errors (n,) of one fit by the name of a view."""

Change = Callable[[Floats, View, np.random.Generator], Floats]

FILES: Final = {
    "8k": ("winemag-train.csv", "winemag-test.csv"),
    "130k": ("winemag-130k-train.csv.gz", "winemag-130k-test.csv.gz"),
}
HALF, SHALLOW = "fitted on half of the wines", "fitted with a tenth of the trees"
COUNTRY_FACTOR: Final = 1.15
STEPS: Final = (0.95, 0.98, 0.99, 1.01, 1.02, 1.05)


@dataclass(frozen=True, slots=True)
class Fits:
    """Fits of one size: errors of the equal ones, and of those that are truly worse."""

    rows: int
    equal: list[Errors]
    worse: Mapping[str, list[Errors]]
    slices: list[Slice]


def main() -> None:
    arguments = _arguments()
    parts = []
    for size, seeds in (("8k", arguments.seeds), ("130k", arguments.large_seeds)):
        files = [Path(arguments.data) / name for name in FILES[size]]
        if seeds >= 2 and all(file.is_file() for file in files):
            parts.append(_section(fitted(files[0], files[1], seeds, Path(arguments.cache))))
    if not parts:
        sys.exit(f"No {FILES['8k'][0]} in {arguments.data}. Set DATA to the folder with the reviews.")
    keep("gate.md", "\n\n".join([_INTRODUCTION, *parts]) + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", default=os.environ.get("DATA") or os.environ.get("ARTIFACT_DATA") or ".")
    parser.add_argument("--seeds", type=int, default=12, help="fits on winemag-train.csv")
    parser.add_argument("--large-seeds", type=int, default=4, help="fits on the 130k file; 0 to leave it out")
    parser.add_argument(
        "--cache",
        default=str(Path(tempfile.gettempdir()) / "bench-gate"),
        help="folder for the errors of each fit",
    )
    return parser.parse_args()


def fitted(train: Path, test: Path, seeds: int, cache: Path) -> Fits:
    """The errors of all fits; those in `cache` are of this very code and data."""
    wines, holdout = (clean(pd.read_csv(file))[0].reset_index(drop=True) for file in (train, test))
    actual = np.log(holdout[PRICE].to_numpy(dtype="float64"))
    folder = cache / _identity(train, test)
    folder.mkdir(parents=True, exist_ok=True)

    def errors(name: str, seed: int, part: pd.DataFrame, **settings: Any) -> Errors:  # noqa: ANN401
        return _errors(folder / f"{name}-{seed}.npz", part, holdout, random_state=seed, **settings)

    half = wines.sample(frac=0.5, random_state=0)
    rounds = WinePriceRegressor().rounds // 10
    return Fits(
        rows=len(wines),
        equal=[errors("equal", seed, wines) for seed in range(seeds)],
        worse={
            HALF: [errors("half", seed, half) for seed in range(min(2, seeds))],
            SHALLOW: [errors("shallow", seed, wines, rounds=rounds) for seed in range(min(2, seeds))],
        },
        slices=[part for part in slices_of(holdout, actual) if part.name != BY_OUTCOME],
    )


def _errors(path: Path, wines: pd.DataFrame, holdout: pd.DataFrame, **settings: Any) -> Errors:  # noqa: ANN401
    if not path.is_file():
        began = time.perf_counter()
        model = WinePriceRegressor(**settings).fit(wines, np.log(wines[PRICE]))
        actual = np.log(holdout[PRICE].to_numpy(dtype="float64"))
        np.savez(path, **{view.name: model.predict(asked) - actual for view, asked in asked_as(holdout)})
        print(f"{path.stem}: {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    with np.load(path) as stored:
        return {view.name: stored[view.name] for view in VIEWS}


def _identity(train: Path, test: Path) -> str:
    """Changes with the data and with the code that learns from them."""
    digest = hashlib.sha256()
    root = Path(__file__).resolve().parents[1] / "pricing"
    code = [root / "estimator.py", root / "evaluation" / "views.py"]
    code += [
        file for part in ("data", "model", "scoring", "training", "wine") for file in (root / part).rglob("*")
    ]
    for file in sorted(file for file in code if file.is_file() and "__pycache__" not in file.parts):
        digest.update(file.read_bytes())
    for file in (train, test):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _pairs(champion: Errors, challenger: Errors, fits: Fits, change: Change, seed: int) -> list[PairedErrors]:
    noise, rng = TrainingNoise(fits.rows), np.random.default_rng(seed)
    return [
        PairedErrors(
            view.name,
            champion[view.name],
            change(challenger[view.name], view, rng),
            noise.of(view),
            fits.slices if view.words is None else (),
        )
        for view in VIEWS
    ]


def comparisons(fits: Fits, change: Change, challengers: list[Errors] | None = None) -> Iterator[Comparison]:
    """Every fit as champion against every other, changed, as challenger."""
    ordered: Iterable[tuple[Errors, ...]] = itertools.permutations(fits.equal, 2)
    if challengers is not None:
        ordered = itertools.product(fits.equal, challengers)
    for seed, (champion, challenger) in enumerate(ordered):
        yield compare(_pairs(champion, challenger, fits, change, seed))


def unchanged(errors: Floats, view: View, rng: np.random.Generator) -> Floats:
    del view, rng
    return errors


def scaled(factor: float) -> Change:
    """Errors whose RMSE is `factor` times as large under every view: noise added, or a share taken away."""

    def change(errors: Floats, view: View, rng: np.random.Generator) -> Floats:
        del view
        if factor <= 1:
            return errors * factor
        noise = rng.normal(size=len(errors))
        noise *= np.sqrt((factor**2 - 1) * (errors**2).mean() / (noise**2).mean())
        wanted = factor * np.sqrt((errors**2).mean())
        worse = errors + noise
        return np.asarray(worse * wanted / np.sqrt((worse**2).mean()))

    return change


def broken_expert(errors: Floats, view: View, rng: np.random.Generator) -> Floats:
    """The expert for the required fields alone mixes up its wines: a tenth of them get another's price."""
    if view.field_set != VIEWS[0].field_set:
        return errors
    rows = rng.choice(len(errors), len(errors) // 10, replace=False)
    broken = errors.copy()
    broken[rows] += rng.normal(0, 0.8, len(rows))
    return broken


def worse_in(part: Slice) -> Change:
    """Errors that are 15 % larger in one slice."""

    def change(errors: Floats, view: View, rng: np.random.Generator) -> Floats:
        del view, rng
        return errors * np.where(part.mask, COUNTRY_FACTOR, 1.0)

    return change


def _section(fits: Fits) -> str:
    rows = [_row("equal: another seed", list(comparisons(fits, unchanged)))]
    rows += [
        _row(
            f"{abs(step - 1):z.0%} {'worse' if step > 1 else 'better'}", list(comparisons(fits, scaled(step)))
        )
        for step in STEPS
    ]
    rows.append(_row("expert for the required fields broken", list(comparisons(fits, broken_expert))))
    rows += [
        _row(
            f"15% worse in {part.group} ({part.mask.sum():,} wines)", list(comparisons(fits, worse_in(part)))
        )
        for part in fits.slices
        if part.name == "country" and part.mask.sum() >= Margins().slice_rows
    ]
    rows += [
        _row(f"{name} ({_growth(fits, challengers)})", list(comparisons(fits, unchanged, challengers)))
        for name, challengers in fits.worse.items()
    ]
    head = "| candidate | pairs | accepted | 95 % interval |\n| --- | --- | --- | --- |\n"
    by_view = "| asked | equal candidates rejected for it | RMSE | varies over seeds by |\n"
    by_view += "| --- | --- | --- | --- |\n"
    return "\n".join(
        [
            f"## Trained on {fits.rows:,} wines, {len(fits.equal)} seeds, {len(fits.slices)} slices\n",
            head + "\n".join(rows),
            "",
            by_view + "\n".join(_view_row(fits, view) for view in VIEWS),
        ]
    )


def _growth(fits: Fits, challengers: list[Errors]) -> str:
    ratios = [
        np.mean([_rmse(each[view.name]) for each in challengers])
        / np.mean([_rmse(each[view.name]) for each in fits.equal])
        - 1
        for view in VIEWS
    ]
    return f"RMSE {min(ratios):+z.1%} to {max(ratios):+z.1%}"


def _row(name: str, results: list[Comparison]) -> str:
    accepted = sum(result.passed for result in results)
    low, high = binomtest(accepted, len(results)).proportion_ci(method="wilson")
    return f"| {name} | {len(results)} | {accepted / len(results):z.1%} | {low:z.1%} to {high:z.1%} |"


def _view_row(fits: Fits, view: View) -> str:
    results = list(comparisons(fits, unchanged))
    rejected = sum(
        any(f"{view.name} (" in r or f"({view.name})" in r for r in each.reasons) for each in results
    )
    rmse = np.array([_rmse(each[view.name]) for each in fits.equal])
    return (
        f"| {view.name} | {rejected} of {len(results)} | {rmse.mean():.4f} | "
        f"{rmse.std(ddof=1) / rmse.mean():z.2%} |"
    )


def _rmse(errors: Floats) -> float:
    return float(np.sqrt((errors**2).mean()))


_INTRODUCTION: Final = """# How the gate decides

`make bench-gate` (DATA: the folder of reviews). Several fits that differ by their seed alone stand
against one another as champion and challenger on the same held-out wines, in every order: no candidate
among them deserves to be rejected. Candidates that are worse or better by a known share are made from
these fits: worse by noise on their predictions, better by a share taken from their errors. Two kinds are
truly trained worse. Pairs share their fits, so the intervals (Wilson) are narrower than they should be."""


if __name__ == "__main__":
    main()
