"""The views of a drift check on a market that is known exactly."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from flows.data.missingness import masked_like
from flows.monitoring.descriptors import Vocabulary, numbers_of
from flows.monitoring.verdict import Thresholds, Verdict
from flows.monitoring.views import (
    Watch,
    distinct_requests,
    expected_error_view,
    feedback_view,
    inputs_view,
    labelled_view,
    predictions_view,
)
from tests.unit.monitoring.market import answered, make_wines


def test_the_same_market_is_no_drift_in_any_view(watch: Watch) -> None:
    window = make_wines(500, seed=11)
    views = [
        inputs_view(watch, window),
        predictions_view(watch, window),
        labelled_view(watch, window),
        feedback_view(watch, answered(window)),
        expected_error_view(watch, window),
    ]
    assert {view.name: view.verdict for view in views} == dict.fromkeys(
        ("inputs", "predictions", "labelled file", "feedback", "expected error"), Verdict.NO_DRIFT
    )
    assert all(((view.strongest and view.strongest.confidence) or 0) > 0.5 for view in views)


def test_another_country_mix_is_drift_and_says_which_country(watch: Watch) -> None:
    view = inputs_view(watch, make_wines(500, seed=12, shares=(0.2, 0.7, 0.1)))
    country = next(finding for finding in view.findings if finding.name == "country")
    assert view.verdict is Verdict.DRIFT
    assert country.verdict is Verdict.DRIFT
    assert country.effect == pytest.approx(0.4, abs=0.07)
    assert "france" in country.detail


def test_a_field_that_clients_leave_out_is_no_drift(watch: Watch) -> None:
    window = make_wines(500, seed=13).drop(columns=["points", "variety", "winery"])
    view = inputs_view(watch, window)
    assert view.verdict is Verdict.NO_DRIFT
    points = next(finding for finding in view.findings if finding.name == "points")
    assert points.verdict is Verdict.NOT_ENOUGH_DATA
    assert predictions_view(watch, window).verdict is Verdict.NO_DRIFT


def test_errors_that_shrink_are_no_drift(watch: Watch) -> None:
    view = labelled_view(watch, make_wines(1_000, seed=14, noise=0.2))
    assert view.verdict is Verdict.NO_DRIFT
    assert view.strongest is not None
    assert (view.strongest.effect or 0) < -0.3


def test_errors_that_grow_are_drift(watch: Watch) -> None:
    view = labelled_view(watch, make_wines(1_000, seed=15, noise=0.6))
    assert view.verdict is Verdict.DRIFT
    assert view.strongest is not None
    assert view.strongest.effect == pytest.approx(0.5, abs=0.15)
    assert (view.strongest.confidence or 0) > 0.99


def test_errors_beyond_the_threshold_that_chance_explains_are_no_drift(watch: Watch) -> None:
    few = make_wines(40, seed=16, noise=0.46)
    view = labelled_view(replace(watch, limits=Thresholds(min_rows=30)), few)
    assert view.verdict is Verdict.NO_DRIFT


def test_prices_that_rose_are_seen_in_feedback(watch: Watch) -> None:
    view = feedback_view(watch, answered(make_wines(1_500, seed=17, level=0.1)))
    assert view.verdict is Verdict.DRIFT
    assert view.strongest is not None
    assert view.strongest.name == "price level"


def test_a_model_levelled_by_feedback_is_measured_net_of_its_level(watch: Watch) -> None:
    cheaper = watch.reference.holdout.assign(price=lambda wines: wines["price"] * np.exp(-0.3))
    levelled = replace(watch, reference=replace(watch.reference, holdout=cheaper, price_level=0.3))
    view = feedback_view(levelled, answered(make_wines(500, seed=18)))
    assert view.verdict is Verdict.NO_DRIFT


@pytest.mark.parametrize("rows", [0, 1, 99])
def test_too_few_rows_is_a_verdict_of_its_own(watch: Watch, rows: int) -> None:
    window = make_wines(200, seed=19).head(rows)
    views = [
        inputs_view(watch, window),
        predictions_view(watch, window),
        labelled_view(watch, window),
        feedback_view(watch, answered(window)),
        expected_error_view(watch, window),
    ]
    assert {view.verdict for view in views} == {Verdict.NOT_ENOUGH_DATA}
    assert all(str(rows) in view.findings[0].detail for view in views)


def test_one_request_sent_a_thousand_times_is_one_observation(watch: Watch) -> None:
    window = pd.concat([make_wines(1, seed=20)] * 1_000, ignore_index=True)
    assert len(distinct_requests(window)) == 1
    assert inputs_view(watch, window).verdict is Verdict.NOT_ENOUGH_DATA


def test_another_language_is_drift(watch: Watch) -> None:
    window = make_wines(300, seed=21)
    window["description"] = window["description"].str.replace("a", "eau").str.replace("o", "eux")
    view = inputs_view(watch, window)
    drifted = {finding.name for finding in view.findings if finding.verdict is Verdict.DRIFT}
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
