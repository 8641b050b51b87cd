from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pytest
from msgspec import structs

from pricing.evaluation.behaviour import check_behaviour
from pricing.wine.estimate import Estimate, RequestWarning
from pricing.wine.request import Wine

WINES = [Wine(country="France", description="Crème de cassis", province="Bordeaux", millesime="2010")]
RANGE = (5.0, 500.0)


class Sommelier:
    """A model that behaves: dearer with points, age, great words and great names; deaf to spelling."""

    categories: Mapping[str, tuple[str, ...]] = {
        "country": ("US", "France"),
        "province": ("California", "Burgundy", "Bordeaux"),
        "region": ("Chambertin", "Bourgogne", "Sauternes", "Bordeaux Blanc"),
    }

    def score(self, wine: Wine) -> Estimate:
        price = 20.0
        price *= 2 if (wine.points or 88) > 95 else 1
        price *= 2 if "profound" in wine.description.lower() else 1
        price *= 3 if (wine.region or "").lower() in ("chambertin", "sauternes") else 1
        return estimate(price)

    def score_batch(self, wines: Sequence[Wine]) -> list[Estimate]:
        return [self.score(wine) for wine in wines]


def estimate(price: float, *warnings: RequestWarning) -> Estimate:
    return Estimate(
        price=price, low=price / 2, high=price * 2, coverage=0.8, log_price=math.log(price),
        expected_error=0.3, warnings=warnings,
    )  # fmt: skip


def outcomes(scorer: object) -> dict[str, str]:
    return {check.name: check.outcome for check in check_behaviour(scorer, WINES, price_range=RANGE)}  # type: ignore[arg-type]


def test_a_model_that_behaves_passes_everything() -> None:
    assert set(outcomes(Sommelier()).values()) == {"passed"}


def test_a_model_that_reads_capitals_is_found_out() -> None:
    class Literal(Sommelier):
        def score(self, wine: Wine) -> Estimate:
            return estimate(20.0 if wine.country.istitle() else 21.0)

    found = outcomes(Literal())
    assert found["invariance: upper case"] == "failed"
    assert found["invariance: without accents"] == "passed"


def test_a_model_that_likes_bad_wine_is_found_out() -> None:
    class Contrary(Sommelier):
        def score(self, wine: Wine) -> Estimate:
            return estimate(400 / super().score(wine).price)

    found = outcomes(Contrary())
    assert found["points: one more never makes a wine much cheaper"] == "failed"
    assert [name for name in found if name.startswith("direction") and found[name] != "failed"] == []


def test_directions_without_known_names_are_skipped_and_say_so() -> None:
    class Provincial(Sommelier):
        categories: Mapping[str, tuple[str, ...]] = {"country": ("US",), "province": ("California",)}

    checks = check_behaviour(Provincial(), WINES, price_range=RANGE)
    skipped = [check for check in checks if check.outcome == "skipped"]
    assert len(skipped) == 2
    assert all("do not know" in check.message for check in skipped)


@pytest.mark.parametrize(
    "change",
    [{"price": float("nan")}, {"price": 0.5}, {"price": 1e5}, {"low": 30.0}, {"low": 0.0}],
    ids=["nan", "too cheap", "too dear", "below its interval", "free"],
)
def test_a_price_that_is_none_is_found_out(change: dict[str, float]) -> None:
    class Odd(Sommelier):
        def score(self, wine: Wine) -> Estimate:
            found = super().score(wine)
            return structs.replace(found, **change) if wine.country == "Atlantis" else found

    assert outcomes(Odd())["minimum: a price is a price"] == "failed"
