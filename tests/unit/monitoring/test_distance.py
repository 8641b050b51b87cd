"""Distances between samples: right size, right certainty, few false alarms."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.monitoring.distance import holm, ordered_distance, unordered_distance


def test_distance_of_numbers_is_the_share_that_moved(rng: np.random.Generator) -> None:
    reference = rng.normal(size=4_000)
    window = np.where(rng.random(2_000) < 0.3, 100.0, rng.normal(size=2_000))
    distance = ordered_distance(reference, window, rng)
    assert distance.effect == pytest.approx(0.3, abs=0.04)
    assert distance.interval[0] < 0.3 < distance.interval[1] + 0.02
    assert distance.p_value < 1e-6
    assert distance.chance_above(0.1) == 1.0


def test_distance_of_names_is_the_share_that_moved(rng: np.random.Generator) -> None:
    reference = rng.choice(["us", "france", "italy"], 4_000, p=[0.5, 0.3, 0.2])
    window = rng.choice(["us", "france", "italy"], 1_000, p=[0.3, 0.5, 0.2])
    distance = unordered_distance(reference.tolist(), window.tolist(), rng)
    assert distance.effect == pytest.approx(0.2, abs=0.05)
    assert distance.p_value < 1e-6


def test_a_thousand_rare_names_are_no_drift_by_themselves(rng: np.random.Generator) -> None:
    reference = [f"winery {number}" for number in rng.integers(0, 1_000, 3_000)]
    window = [f"winery {number}" for number in rng.integers(0, 1_000, 500)]
    distance = unordered_distance(reference, window, rng)
    assert distance.effect < 0.05
    assert distance.p_value > 1e-3


def test_false_alarms_keep_their_level_with_ties() -> None:
    rng = np.random.default_rng(5)
    p_values = [
        ordered_distance(
            rng.integers(80, 101, 2_000).astype(float), rng.integers(80, 101, 500).astype(float), rng
        ).p_value
        for _ in range(300)
    ]
    assert np.mean(np.array(p_values) < 0.05) <= 0.06


def test_one_category_or_one_value_cannot_move(rng: np.random.Generator) -> None:
    assert unordered_distance(["us"] * 200, ["us"] * 300, rng).p_value == 1.0
    assert ordered_distance(np.ones(200), np.ones(300), rng).effect == 0.0


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
@settings(deadline=None)
def test_holm_never_makes_a_p_value_smaller_and_keeps_their_order(p_values: list[float]) -> None:
    adjusted = holm(p_values)
    assert all(after >= before for before, after in zip(p_values, adjusted, strict=True))
    assert all(value <= 1 for value in adjusted)
    ordered = [adjusted[i] for i in np.argsort(p_values, kind="stable")]
    assert ordered == sorted(ordered)
