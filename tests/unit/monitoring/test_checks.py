"""The checks of a drift check on a market that is known exactly."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from flows.data.missingness import masked_like
from flows.monitoring.checks import (
    Watch,
    distinct_requests,
    expected_error_check,
    feedback_check,
    inputs_check,
    labelled_check,
    predictions_check,
)
from flows.monitoring.descriptors import Vocabulary, numbers_of
from flows.monitoring.verdict import Thresholds, Verdict
from tests.unit.monitoring.market import answered, make_wines


def test_the_same_market_is_no_drift_in_any_check(watch: Watch) -> None:
    window = make_wines(500, seed=11)
    checks = [
        inputs_check(watch, window),
        predictions_check(watch, window),
        labelled_check(watch, window),
        feedback_check(watch, answered(window)),
        expected_error_check(watch, window),
    ]
    assert {check.name: check.verdict for check in checks} == dict.fromkeys(
        ("inputs", "predictions", "labelled file", "feedback", "expected error"), Verdict.NO_DRIFT
    )
    assert all(((check.strongest and check.strongest.confidence) or 0) > 0.5 for check in checks)


def test_another_country_mix_is_drift_and_says_which_country(watch: Watch) -> None:
    check = inputs_check(watch, make_wines(500, seed=12, shares=(0.2, 0.7, 0.1)))
    country = next(result for result in check.results if result.name == "country")
    assert check.verdict is Verdict.DRIFT
    assert country.verdict is Verdict.DRIFT
    assert country.effect == pytest.approx(0.4, abs=0.07)
    assert "france" in country.detail


def test_a_field_that_clients_leave_out_is_no_drift(watch: Watch) -> None:
    window = make_wines(500, seed=13).drop(columns=["points", "variety", "winery"])
    check = inputs_check(watch, window)
    assert check.verdict is Verdict.NO_DRIFT
    points = next(result for result in check.results if result.name == "points")
    assert points.verdict is Verdict.NOT_ENOUGH_DATA
    assert predictions_check(watch, window).verdict is Verdict.NO_DRIFT


def test_errors_that_shrink_are_no_drift(watch: Watch) -> None:
    check = labelled_check(watch, make_wines(1_000, seed=14, noise=0.2))
    assert check.verdict is Verdict.NO_DRIFT
    assert check.strongest is not None
    assert (check.strongest.effect or 0) < -0.3


def test_errors_that_grow_are_drift(watch: Watch) -> None:
    check = labelled_check(watch, make_wines(1_000, seed=15, noise=0.6))
    assert check.verdict is Verdict.DRIFT
    assert check.strongest is not None
    assert check.strongest.effect == pytest.approx(0.5, abs=0.15)
    assert (check.strongest.confidence or 0) > 0.99


def test_errors_beyond_the_threshold_that_chance_explains_are_no_drift(watch: Watch) -> None:
    few = make_wines(40, seed=16, noise=0.46)
    check = labelled_check(replace(watch, limits=Thresholds(min_rows=30)), few)
    assert check.verdict is Verdict.NO_DRIFT


def test_prices_that_rose_are_seen_in_feedback(watch: Watch) -> None:
    check = feedback_check(watch, answered(make_wines(1_500, seed=17, level=0.1)))
    assert check.verdict is Verdict.DRIFT
    assert check.strongest is not None
    assert check.strongest.name == "price level"


def test_a_model_levelled_by_feedback_is_measured_net_of_its_level(watch: Watch) -> None:
    cheaper = watch.reference.holdout.assign(price=lambda wines: wines["price"] * np.exp(-0.3))
    levelled = replace(watch, reference=replace(watch.reference, holdout=cheaper, price_level=0.3))
    check = feedback_check(levelled, answered(make_wines(500, seed=18)))
    assert check.verdict is Verdict.NO_DRIFT


@pytest.mark.parametrize("rows", [0, 1, 99])
def test_too_few_rows_is_a_verdict_of_its_own(watch: Watch, rows: int) -> None:
    window = make_wines(200, seed=19).head(rows)
    checks = [
        inputs_check(watch, window),
        predictions_check(watch, window),
        labelled_check(watch, window),
        feedback_check(watch, answered(window)),
        expected_error_check(watch, window),
    ]
    assert {check.verdict for check in checks} == {Verdict.NOT_ENOUGH_DATA}
    assert all(str(rows) in check.results[0].detail for check in checks)


def test_one_request_sent_a_thousand_times_is_one_observation(watch: Watch) -> None:
    window = pd.concat([make_wines(1, seed=20)] * 1_000, ignore_index=True)
    assert len(distinct_requests(window)) == 1
    assert inputs_check(watch, window).verdict is Verdict.NOT_ENOUGH_DATA


def test_another_language_is_drift(watch: Watch) -> None:
    window = make_wines(300, seed=21)
    window["description"] = window["description"].str.replace("a", "eau").str.replace("o", "eux")
    check = inputs_check(watch, window)
    drifted = {result.name for result in check.results if result.verdict is Verdict.DRIFT}
    assert {"known_words", "whole request"} <= drifted


def test_masking_copies_the_habits_of_the_window(watch: Watch) -> None:
    window = make_wines(1_000, seed=22)
    window.loc[window.index[:700], "points"] = np.nan
    masked = masked_like(watch.reference.train, window, watch.rng)
    assert masked["points"].isna().mean() == pytest.approx(0.7, abs=0.04)
    assert masked["variety"].notna().all()
    assert watch.reference.train["points"].notna().all()


def test_a_note_that_the_model_reads_in_another_language_has_known_words() -> None:
    vocabulary = Vocabulary(frozenset({"red", "fruit", "and", "long", "finish"}))
    notes = pd.DataFrame(
        {
            "description": ["fruits rouges et longue finale", "kirsikkaa ja vadelmaa", ""],
            "millesime": "2012",
        }
    )
    assert numbers_of(notes, vocabulary)["known_words"].tolist() == [1.0, 0.0, 1.0]
