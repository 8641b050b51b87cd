"""A scorer whose answers are known beforehand."""

from __future__ import annotations

from collections.abc import Sequence

from pricing.wine.estimate import Estimate, Explanation, Factor, RequestWarning
from pricing.wine.request import Wine

SEEN = {"France", "Italy"}


class FakeScorer:
    """Every wine costs 20 USD and a dollar for each letter of its country."""

    training_language = "en"

    def __init__(self) -> None:
        self.categories = {"country": tuple(sorted(SEEN))}

    def score(self, wine: Wine) -> Estimate:
        price = 20.0 + len(wine.country)
        unseen = RequestWarning("unknown_country", "country", f"never seen: {wine.country}")
        warnings = () if wine.country in SEEN else (unseen,)
        return Estimate(price, price / 2, price * 2, 0.8, 3.2, 0.3, warnings)

    def score_batch(self, wines: Sequence[Wine]) -> list[Estimate]:
        return [self.score(wine) for wine in wines]

    def explain(self, wine: Wine) -> Explanation:
        return Explanation(20.0, (Factor("country", wine.country, self.score(wine).price / 20.0),))
