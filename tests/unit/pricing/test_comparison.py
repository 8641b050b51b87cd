from __future__ import annotations

import numpy as np
import pytest

from pricing.evaluation.comparison import Margins, compare
from pricing.evaluation.slices import Slice

N = 1000
RNG = np.random.default_rng(0)
CHAMPION = RNG.normal(0, 0.4, size=N)


def halves() -> list[Slice]:
    first = np.arange(N) < N // 2
    return [Slice("country", "US", first), Slice("country", "France", ~first)]


def test_the_same_model_again_passes() -> None:
    found = compare(CHAMPION, CHAMPION, halves())
    assert found.passed
    assert found.overall.relative == 0


def test_a_better_model_passes() -> None:
    assert compare(CHAMPION, CHAMPION * 0.9, halves()).passed


def test_a_slightly_different_model_passes() -> None:
    assert compare(CHAMPION, CHAMPION + RNG.normal(0, 0.01, size=N), halves()).passed


def test_a_worse_model_is_rejected_with_its_figures() -> None:
    found = compare(CHAMPION, CHAMPION * 1.05, [])
    assert not found.passed
    assert "+5.0%" in found.reasons[0]
    assert f"{np.sqrt((CHAMPION**2).mean()):.4f}" in found.reasons[0]


def test_a_model_worse_in_one_slice_is_rejected_for_it() -> None:
    slices = halves()
    challenger = CHAMPION * np.where(slices[0].mask, 0.8, 1.15)
    found = compare(CHAMPION, challenger, slices)
    assert [reason for reason in found.reasons if "country: France" in reason]
    assert not [reason for reason in found.reasons if "country: US" in reason]


def test_a_model_worse_beyond_chance_is_rejected_within_the_margin() -> None:
    found = compare(CHAMPION, CHAMPION * 1.01, [])
    assert "beyond chance" in found.reasons[0]


def test_too_few_rows_to_tell_is_a_rejection() -> None:
    few = CHAMPION[:40]
    assert "too few held-out wines" in compare(few, few, []).reasons[0]


def test_small_slices_are_not_judged() -> None:
    tiny = Slice("country", "Moldova", np.arange(N) < 10)
    challenger = CHAMPION * np.where(tiny.mask, 3.0, 0.97)
    assert compare(CHAMPION, challenger, [tiny], margins=Margins(slice_rows=50)).slices == ()


@pytest.mark.parametrize("seed", range(5))
def test_equally_good_models_pass_whatever_the_resampling(seed: int) -> None:
    noise = np.random.default_rng(7).normal(0, 0.02, size=N)
    assert compare(CHAMPION, CHAMPION + noise, [], seed=seed).passed
