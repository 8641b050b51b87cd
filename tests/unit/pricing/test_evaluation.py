from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pricing.evaluation.importance import importance
from pricing.evaluation.metrics import evaluate, measure, worst_slices
from pricing.evaluation.slices import by_estimated_price, slices_of

N = 400


class Knows:
    """A model that knows the price up to `error`, and less without the points."""

    def __init__(self, error: float = 0.2) -> None:
        self.error = error

    def estimate(self, wines: pd.DataFrame, coverage: float | None = None) -> pd.DataFrame:
        points = wines["points"].fillna(88) if "points" in wines else pd.Series(88.0, index=wines.index)
        log_price = (points - 60) / 10
        half = {None: 0.8, 0.5: 0.5}.get(coverage, coverage or 0.8)
        return pd.DataFrame(
            {"log_price": log_price, "low": log_price - half, "high": log_price + half, "expected_error": 0.1}
        )


@pytest.fixture
def wines() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    points = rng.integers(80, 100, size=N).astype(float)
    return pd.DataFrame(
        {
            "country": np.where(rng.random(N) < 0.7, "US", "France"),
            "description": "ripe fruit and oak " * 5,
            "province": "p",
            "millesime": rng.choice(["2009", "2012", "NV"], size=N),
            "points": points,
            "price": np.exp((points - 60) / 10 + rng.normal(0, 0.2, size=N)),
        }
    )


def test_figures_of_a_known_error() -> None:
    actual = np.log([10.0, 20.0, 40.0])
    estimates = pd.DataFrame({"log_price": actual + np.log(1.5), "low": actual - 1, "high": actual + 2})
    found = measure(actual, estimates)
    assert found.rmse_log == pytest.approx(np.log(1.5))
    assert found.median_ape == pytest.approx(0.5)
    assert found.mae_usd == pytest.approx(70 * 0.5 / 3)
    assert (found.coverage, found.width, found.rows) == (1.0, pytest.approx(3.0), 3)


def test_the_bootstrap_interval_holds_the_figure_and_shrinks_with_more_rows(wines: pd.DataFrame) -> None:
    few, many = (evaluate(Knows(), wines.head(rows)).overall for rows in (100, N))
    assert many.rmse_log_low < many.rmse_log < many.rmse_log_high
    assert many.rmse_log_high - many.rmse_log_low < few.rmse_log_high - few.rmse_log_low


def test_telling_less_is_evaluated_too(wines: pd.DataFrame) -> None:
    found = evaluate(Knows(), wines)
    assert found.of_fields("required fields").rmse_log > 2 * found.of_fields("all").rmse_log
    assert found.overall == found.of_fields("all")


def test_calibration_names_each_level(wines: pd.DataFrame) -> None:
    calibration = evaluate(Knows(), wines).calibration
    assert list(calibration) == sorted(calibration)
    assert all(0 <= held <= 1 for held in calibration.values())


def test_every_row_is_in_one_group_of_each_slice(wines: pd.DataFrame) -> None:
    parts = list(slices_of(wines, np.log(wines["price"].to_numpy()), min_rows=1))
    for name in ("country", "price decile", "vintage decade", "words in description", "points"):
        masks = [part.mask for part in parts if part.name == name]
        assert (np.sum(masks, axis=0) == 1).all(), name
    assert {p.group for p in parts if p.name == "vintage decade"} == {"2000s", "2010s", "no vintage"}


def test_estimates_are_grouped_by_what_they_are(wines: pd.DataFrame) -> None:
    rows = [part.as_row() for part in evaluate(Knows(), wines).slices if part.slice == "estimated price"]
    assert sum(row["rows"] for row in rows) <= len(wines)
    assert all(row.get("from", 0) < row.get("to", np.inf) for row in rows)
    estimated = np.log([10.0, 15.0, 29.0, 500.0])
    groups = [(part.group, part.mask.tolist()) for part in by_estimated_price(estimated, min_rows=1)]
    assert groups == [
        ("below $15", [True, False, False, False]),
        ("$15 to $30", [False, True, True, False]),
        ("$120 and more", [False, False, False, True]),
    ]


def test_a_band_with_few_dear_wines_joins_the_one_below() -> None:
    estimated = np.log([*[20.0] * 5, *[70.0] * 5, 500.0])
    groups = [(part.group, int(part.mask.sum())) for part in by_estimated_price(estimated, min_rows=3)]
    assert groups == [("$15 to $30", 5), ("$60 and more", 6)]
    assert [part.group for part in by_estimated_price(estimated[-1:], min_rows=3)] == []


def test_each_kind_of_request_is_measured_as_it_is_asked(wines: pd.DataFrame) -> None:
    rows = [part.as_row() for part in evaluate(Knows(), wines).slices if part.slice == "request"]
    whole = {row["view"]: row for row in rows if row["group"] == row["view"]}
    assert list(whole) == [
        f"{fields}{note}"
        for fields in ("required fields", "+ variety, winery, region", "all")
        for note in ("", ", first 12 words of the note", ", no note")
    ]
    assert whole["required fields"]["rmse_log"] > 2 * whole["all"]["rmse_log"]
    for view in whole:
        bands = [row for row in rows if row["view"] == view and row["group"] != view]
        assert 0 < sum(row["rows"] for row in bands) <= len(wines)
        assert all(row.get("from", 0) < row.get("to", np.inf) for row in bands)


def test_short_notes_are_evaluated(wines: pd.DataFrame) -> None:
    notes = [part.group for part in evaluate(Knows(), wines).slices if part.slice == "note"]
    assert notes == ["whole", "first 12 words", "first 6 words", "first 3 words", "none"]


def test_small_groups_are_left_out(wines: pd.DataFrame) -> None:
    parts = slices_of(wines, np.log(wines["price"].to_numpy()), min_rows=N)
    assert all(part.mask.all() for part in parts)


def test_the_worst_slices_come_first(wines: pd.DataFrame) -> None:
    worst = worst_slices(evaluate(Knows(), wines).slices, count=3)
    errors = [part.metrics.rmse_log for part in worst]
    assert errors == sorted(errors, reverse=True)
    assert all(part.slice != "provided fields" for part in worst)


def test_importance_finds_the_field_that_counts(wines: pd.DataFrame) -> None:
    found = importance(Knows(), wines)
    assert next(iter(found)) == "points"
    assert found["points"] > 0.1
    assert found["country"] == 0
