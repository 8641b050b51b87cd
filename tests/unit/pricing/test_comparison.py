from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pricing.data.cleaning import clean
from pricing.evaluation.comparison import Margins, PairedErrors, compare, compare_models, holm
from pricing.evaluation.slices import FIELD_SETS, Slice
from pricing.evaluation.training_noise import TrainingNoise
from pricing.evaluation.views import VIEWS, cut_notes
from pricing.synthetic import reviews
from pricing.wine.schema import REQUIRED_FIELDS

N = 1000
RNG = np.random.default_rng(0)
CHAMPION = RNG.normal(0, 0.4, size=N)
NOISE = 0.007


def halves() -> list[Slice]:
    first = np.arange(N) < N // 2
    return [Slice("country", "US", first), Slice("country", "France", ~first)]


def pair(challenger: np.ndarray, slices: list[Slice] | None = None, view: str = "all") -> PairedErrors:
    return PairedErrors(view, CHAMPION, challenger, NOISE, slices or [])


def another_fit(rng: np.random.Generator, noise: float = 0.03) -> np.ndarray:
    """Errors of a model that differs from the champion by its seed: both stand around a common one."""
    shared = np.sqrt(1 - noise**2 / 0.16)
    return CHAMPION * shared + rng.normal(0, noise, size=N)


def test_the_same_model_again_passes() -> None:
    found = compare([pair(CHAMPION, halves())])
    assert found.passed
    assert found.views[0].relative == 0


def test_a_better_model_passes() -> None:
    assert compare([pair(CHAMPION * 0.9, halves())]).passed


def test_one_per_cent_is_within_the_noise_of_training_and_five_is_not() -> None:
    assert compare([pair(CHAMPION * 1.01, halves())]).passed
    found = compare([pair(CHAMPION * 1.05)])
    assert not found.passed
    assert "+5.0%" in found.reasons[0]
    assert f"{np.sqrt((CHAMPION**2).mean()):.4f}" in found.reasons[0]


def test_known_noise_of_training_decides_what_two_per_cent_mean() -> None:
    worse = CHAMPION * 1.02
    assert compare([PairedErrors("all", CHAMPION, worse, noise=0.012)]).passed
    assert not compare([PairedErrors("all", CHAMPION, worse, noise=0.002)]).passed


def test_a_model_worse_for_one_way_of_asking_is_rejected_for_it() -> None:
    found = compare([pair(CHAMPION, view="all"), pair(CHAMPION * 1.1, view="required fields")])
    assert len(found.reasons) == 1
    assert "required fields" in found.reasons[0]


def test_a_model_worse_in_one_slice_is_rejected_for_it() -> None:
    slices = halves()
    challenger = CHAMPION * np.where(slices[0].mask, 0.8, 1.15)
    found = compare([pair(challenger, slices)])
    assert [reason for reason in found.reasons if "country: France" in reason]
    assert not [reason for reason in found.reasons if "country: US" in reason]


def test_too_few_rows_to_tell_is_a_rejection() -> None:
    few = CHAMPION[:40]
    assert "too few held-out wines" in compare([PairedErrors("all", few, few)]).reasons[0]
    assert "too few held-out wines" in compare([]).reasons[0]


def test_small_slices_are_not_judged() -> None:
    tiny = Slice("country", "Moldova", np.arange(N) < 10)
    challenger = CHAMPION * np.where(tiny.mask, 3.0, 0.97)
    assert compare([pair(challenger, [tiny])], margins=Margins(slice_rows=50)).slices == ()


def test_many_slices_of_an_equal_model_rarely_reject_it() -> None:
    """Thirty slices at 5 % each would reject four of five."""
    rng = np.random.default_rng(1)
    slices = [Slice("random", str(k), rng.random(N) < 0.2) for k in range(30)]
    rejected = sum(not compare([pair(another_fit(rng), slices)]).passed for _ in range(200))
    assert rejected <= 10


def test_equal_models_pass_both_ways_round() -> None:
    rng = np.random.default_rng(2)
    for _ in range(50):
        other = another_fit(rng)
        ways = [(CHAMPION, other), (other, CHAMPION)]
        assert all(compare([PairedErrors("all", one, two, NOISE)]).passed for one, two in ways)


def test_p_values_are_adjusted_as_holm_says() -> None:
    assert holm(np.array([0.01, 0.04, 0.03, 0.005])) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm(np.array([0.5, 0.9])) == pytest.approx([1.0, 1.0])
    assert holm(np.array([0.2])) == pytest.approx([0.2])


def test_the_deviation_is_that_of_a_paired_bootstrap() -> None:
    challenger = another_fit(np.random.default_rng(3), noise=0.1)
    found = compare([PairedErrors("all", CHAMPION, challenger)]).views[0]
    rng = np.random.default_rng(4)
    ratios = []
    for _ in range(1000):
        rows = rng.integers(N, size=N)
        ratios.append(np.sqrt((challenger[rows] ** 2).mean() / (CHAMPION[rows] ** 2).mean()))
    assert found.deviation == pytest.approx(np.std(ratios), rel=0.1)


class Priced:
    """A model whose errors depend on what it is told."""

    def __init__(self, actual: np.ndarray, *, worse: str = "") -> None:
        self.actual, self.worse = actual, worse

    def predict(self, wines: pd.DataFrame) -> np.ndarray:
        error = np.random.default_rng(len(wines.columns)).normal(0, 0.4, len(wines))
        bare = set(wines.columns) == set(REQUIRED_FIELDS)
        short = wines["description"].str.split().str.len().max() <= 12
        broken = {"required": bare and not short, "short": short, "": False}[self.worse]
        return self.actual + error * (1.3 if broken else 1.0)


@pytest.mark.parametrize(
    ("worse", "named"), [("required", "required fields (800"), ("short", "first 12 words of the note")]
)
def test_a_broken_expert_or_a_weakness_on_short_notes_is_seen(worse: str, named: str) -> None:
    wines = _wines()
    actual = np.log(wines["price"].to_numpy())
    found = compare_models(Priced(actual), Priced(actual, worse=worse), wines, noise=TrainingNoise(8000))
    assert any(named in reason for reason in found.reasons)
    assert compare_models(Priced(actual), Priced(actual), wines, noise=TrainingNoise(8000)).passed


def test_no_slice_is_made_by_the_price_itself() -> None:
    wines = _wines()
    actual = np.log(wines["price"].to_numpy())
    model = Priced(actual)
    groups = [part.group for part in compare_models(model, model, wines, noise=TrainingNoise(8000)).slices]
    assert any(group.startswith("country: ") for group in groups)
    assert not [group for group in groups if "price" in group]


def _wines() -> pd.DataFrame:
    return clean(reviews.sample(train_rows=20, test_rows=900).test)[0].head(800).reset_index(drop=True)


def test_every_set_of_fields_is_a_view_and_short_notes_are_cut_by_rule() -> None:
    assert [view.field_set for view in VIEWS if view.words is None] == list(FIELD_SETS)
    assert any(view.words for view in VIEWS)
    assert list(cut_notes(pd.Series(["one two  three", None, "one"]), 2)) == ["one two", "", "one"]


def test_measured_noise_outweighs_what_is_known_in_advance_the_more_fits_there_are() -> None:
    view = VIEWS[0]
    prior = TrainingNoise(8000).of(view)
    calm = TrainingNoise(8000, {view.name: [0.4, 0.4, 0.4]}).of(view)
    calmer = TrainingNoise(8000, {view.name: [0.4] * 12}).of(view)
    wild = TrainingNoise(8000, {view.name: [0.40, 0.44, 0.36]}).of(view)
    assert calmer < calm < prior < wild
    assert TrainingNoise(90_000).of(view) < prior
    assert TrainingNoise(0).of(view) == TrainingNoise(50).of(view)


def test_models_of_names_vary_more_from_fit_to_fit_than_those_of_the_required_fields() -> None:
    """As `benchmarks/gate.md` measures it: 0.4 % with the four fields, 1.1 to 1.4 % with names."""
    noise = {view.name: TrainingNoise(8000).of(view) for view in VIEWS}
    required = [share for name, share in noise.items() if name.startswith("required fields")]
    named = [share for name, share in noise.items() if not name.startswith("required fields")]
    assert max(required) < 0.006
    assert min(named) > 0.010
