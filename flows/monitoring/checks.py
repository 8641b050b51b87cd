"""The checks of a drift run. Each takes frames and gives its results; none reads or writes anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from flows.data.missingness import masked_like
from flows.data.note_lengths import cut_like
from flows.data.reference import Model, Reference, holdout_errors, residuals
from flows.monitoring.classifier import separate
from flows.monitoring.descriptors import NAMES, NUMBERS, Vocabulary, names_of, numbers_of
from flows.monitoring.distance import ordered_distance, unordered_distance
from flows.monitoring.error_growth import level_change
from flows.monitoring.label_free import ErrorCalibration
from flows.monitoring.results import changed, grown, judged, moved, short
from flows.monitoring.verdict import WHOLE_REQUEST, Check, CheckResult, Thresholds
from pricing.arrays import Floats
from pricing.wine.schema import FIELDS

INPUTS: Final = "inputs"
PREDICTIONS: Final = "predictions"
LABELLED: Final = "labelled file"
FEEDBACK: Final = "feedback"
EXPECTED_ERROR: Final = "expected error"
CHECKS: Final = (INPUTS, PREDICTIONS, LABELLED, FEEDBACK, EXPECTED_ERROR)


@dataclass(frozen=True, slots=True)
class Watch:
    """The model in production, what it is compared with, and from where on a change counts."""

    reference: Reference
    model: Model
    limits: Thresholds
    rng: np.random.Generator

    def check(self, name: str, measured: Sequence[CheckResult], note: str = "") -> Check:
        """The check with its results judged, at its share of the chance of a false alarm."""
        return Check(name, judged(measured, self.limits.significance / len(CHECKS)), note)

    def short(self, name: str, rows: pd.DataFrame, what: str) -> Check | None:
        """The check that says "not enough data", if that is all there is to say."""
        if len(rows) < self.limits.min_rows:
            return Check(name, (short(name, what, len(rows), self.limits),))
        holdout = len(self.reference.holdout)
        if name != INPUTS and holdout < self.limits.min_rows:
            return Check(name, (short(name, "rows in the reference's holdout", holdout, self.limits),))
        return None


def distinct_requests(window: pd.DataFrame) -> pd.DataFrame:
    """One row for each different wine asked about: the same request a thousand times is one observation."""
    columns = [name for name in FIELDS if name in window]
    return window[~window[columns].astype("object").duplicated().to_numpy()]


def inputs_check(watch: Watch, window: pd.DataFrame) -> Check:
    """The requests, against what the model was trained on: column by column, and as a whole."""
    window = distinct_requests(window)
    if too_few := watch.short(INPUTS, window, "different requests"):
        return too_few
    measured = [
        *_number_results(watch, window),
        *(_name_result(watch, name, window) for name in NAMES),
        _whole_result(watch, window),
    ]
    return watch.check(INPUTS, measured)


def predictions_check(watch: Watch, window: pd.DataFrame) -> Check:
    """What the model says to the window, against what it says to its holdout with the same fields masked."""
    window = distinct_requests(window)
    if too_few := watch.short(PREDICTIONS, window, "different requests"):
        return too_few
    holdout = masked_like(watch.reference.holdout, window, watch.rng)
    before = watch.model.estimate(holdout)["log_price"].to_numpy(dtype=float)
    after = watch.model.estimate(window)["log_price"].to_numpy(dtype=float)
    detail = f"typical price {_usd(before)} → {_usd(after)}"
    distance = ordered_distance(before, after, watch.rng)
    return watch.check(PREDICTIONS, [moved("predicted price", len(window), distance, watch.limits, detail)])


def labelled_check(watch: Watch, labelled: pd.DataFrame, *, same_file: bool = False) -> Check:
    """The model's errors on rows with a price (FIELDS and `price`), against those on its holdout.

    `same_file` says that the rows are those of the file the model was tested on.
    """
    if too_few := watch.short(LABELLED, labelled, "labelled rows"):
        return too_few
    before = _holdout_residuals(watch, labelled)
    after = residuals(labelled, watch.model) + (watch.reference.price_level if same_file else 0.0)
    note = "This is the file the model was tested on: a newer one would say more." if same_file else ""
    return watch.check(LABELLED, [grown("RMSE of log price", before, after, watch.limits)], note)


def feedback_check(watch: Watch, feedback: pd.DataFrame) -> Check:
    """What wines really cost, against what was answered (FIELDS, `actual_price`, `predicted_price`, USD)."""
    if too_few := watch.short(FEEDBACK, feedback, "answers with a known price"):
        return too_few
    before = _holdout_residuals(watch, feedback)
    actual, answered = feedback[["actual_price", "predicted_price"]].to_numpy(dtype=float).T
    after = np.log(actual) - np.log(answered)
    difference = np.expm1(np.median(after) - np.median(before))
    detail = f"real prices lie {difference:+z.1%} from the answers, at the median"
    level = level_change(before, after)
    measured = [
        grown("realised RMSE of log price", before, after, watch.limits),
        changed("price level", level, watch.limits.price_level, len(after), detail),
    ]
    return watch.check(FEEDBACK, measured)


def expected_error_check(watch: Watch, window: pd.DataFrame) -> Check:
    """The RMSE to be expected on the window, estimated without any price, against the holdout's."""
    window = distinct_requests(window)
    if too_few := watch.short(EXPECTED_ERROR, window, "different requests"):
        return too_few
    scored = holdout_errors(watch.reference, watch.model, window, watch.rng)
    calibration = ErrorCalibration.fit(scored)
    before, after = calibration.errors(scored), calibration.errors(watch.model.estimate(window))
    return watch.check(EXPECTED_ERROR, [grown("estimated RMSE of log price", before, after, watch.limits)])


def _holdout_residuals(watch: Watch, like: pd.DataFrame) -> Floats:
    scored = holdout_errors(watch.reference, watch.model, like, watch.rng)
    return scored["residual"].to_numpy(dtype=float)


def _number_results(watch: Watch, window: pd.DataFrame) -> list[CheckResult]:
    # Known words are learned from one half and counted in the other: a row always knows its own words.
    train = watch.reference.train
    half = watch.rng.permutation(len(train))
    vocabulary = Vocabulary.of(train.iloc[half[: len(half) // 2]])
    before = numbers_of(cut_like(train.iloc[half[len(half) // 2 :]], window, watch.rng), vocabulary)
    after = numbers_of(window, vocabulary)
    return [_number_result(watch, name, before[name], after[name]) for name in NUMBERS]


def _number_result(watch: Watch, name: str, before: pd.Series, after: pd.Series) -> CheckResult:
    old, new = before.dropna().to_numpy(dtype=float), after.dropna().to_numpy(dtype=float)
    if min(len(old), len(new)) < watch.limits.min_rows:
        return short(name, f"requests with {NUMBERS[name]}", len(new), watch.limits)
    form = "{:z.0%}" if name == "known_words" else "{:.0f}"
    detail = f"{NUMBERS[name]}: median {form.format(np.median(old))} → {form.format(np.median(new))}"
    return moved(name, len(new), ordered_distance(old, new, watch.rng), watch.limits, detail)


def _name_result(watch: Watch, name: str, window: pd.DataFrame) -> CheckResult:
    old, new = names_of(watch.reference.train, name), names_of(window, name)
    if min(len(old), len(new)) < watch.limits.min_rows:
        return short(name, f"requests with {name}", len(new), watch.limits)
    distance = unordered_distance(old, new, watch.rng)
    return moved(name, len(new), distance, watch.limits, _largest_move(name, old, new))


def _whole_result(watch: Watch, window: pd.DataFrame) -> CheckResult:
    found = separate(masked_like(watch.reference.train, window, watch.rng), window, watch.rng)
    distance = ordered_distance(found.reference, found.window, watch.rng)
    detail = (
        f"whole requests, distinguished by {', '.join(found.terms)}"
        if found.terms
        else "nothing distinguishes them"
    )
    return moved(WHOLE_REQUEST, len(window), distance, watch.limits, detail)


def _largest_move(name: str, old: Sequence[str], new: Sequence[str]) -> str:
    before, after = Counter(old), Counter(new)
    moves = {key: after[key] / len(new) - before[key] / len(old) for key in {*before, *after}}
    key = max(sorted(moves), key=lambda each: abs(moves[each]))
    return f"{name} “{key}” {before[key] / len(old):z.0%} → {after[key] / len(new):z.0%}"


def _usd(log_price: Floats) -> str:
    return f"${np.exp(np.median(log_price)):.0f}"
