"""Behavioural checks of a price model: what anyone who sells wine would expect of it.

Invariance: writing a wine differently does not change its price. Direction: a better, rarer or older
wine costs more. Minimum: every price is a price. A direction whose names or words the training data
never held is skipped and says so.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, Protocol

import msgspec
import numpy as np

from pricing.wine.estimate import Estimate
from pricing.wine.request import Wine
from pricing.wine.schema import OPTIONAL_TEXT_FIELDS
from pricing.wine.text import fold

Outcome = Literal["passed", "failed", "skipped"]

TOLERANCE: Final = 1e-9
"""Largest difference of log price that counts as the same answer."""

SCALE: Final = range(80, 101)
POINTS_WINES: Final = 40
FALLS_SHARE: Final = 0.25
LARGEST_FALL: Final = 0.2
"""A step of one point may lower the price in this share of cases, by this much."""

REACH: Final = 3.0
"""A price may lie outside the training prices by this factor."""


class Scores(Protocol):
    """What the checks need of a model: any `RecordScorer`."""

    categories: Mapping[str, tuple[str, ...]]

    def score(self, wine: Wine) -> Estimate: ...

    def score_batch(self, wines: Sequence[Wine]) -> list[Estimate]: ...


@dataclass(frozen=True, slots=True)
class Check:
    """One behavioural check and its outcome; `message` names the figures."""

    name: str
    outcome: Outcome
    message: str


@dataclass(frozen=True, slots=True)
class Direction:
    """`dear` must cost more than `cheap`. `needs` are the names (field, value) the model must know,
    `chosen` those of them that were chosen from what it knows.
    """

    title: str
    dear: Wine
    cheap: Wine
    needs: tuple[tuple[str, str], ...] = ()
    chosen: str = ""

    @property
    def name(self) -> str:
        return f"{self.title} ({self.chosen})" if self.chosen else self.title


def check_behaviour(
    scorer: Scores, wines: Sequence[Wine], *, price_range: tuple[float, float]
) -> tuple[Check, ...]:
    """All behavioural checks, on held-out `wines` and on wines of our own.

    `price_range` is the lowest and the highest price (USD) of the training data.
    """
    return (
        *(invariance(scorer, wines, name, change) for name, change in SPELLINGS.items()),
        *(direction(scorer, case) for case in directions(scorer.categories)),
        points_rise(scorer, wines),
        minimum(scorer, (*wines, *ODD_WINES), price_range),
    )


def invariance(scorer: Scores, wines: Iterable[Wine], name: str, change: Callable[[str], str]) -> Check:
    """Writing every text of a wine differently must not change its price."""
    given = list(wines)
    plain, dressed = (
        scorer.score_batch(asked) for asked in (given, [respelled(wine, change) for wine in given])
    )
    worst = max(
        (abs(one.log_price - two.log_price) for one, two in zip(plain, dressed, strict=True)), default=0.0
    )
    outcome: Outcome = "passed" if worst <= TOLERANCE else "failed"
    return Check(
        f"invariance: {name}", outcome, f"log price moves by up to {worst:.2g} (allowed {TOLERANCE:g})"
    )


def respelled(wine: Wine, change: Callable[[str], str]) -> Wine:
    """The same wine with every text field changed."""
    texts = ("country", "description", "province", *OPTIONAL_TEXT_FIELDS)
    changed = {name: change(value) for name in texts if (value := getattr(wine, name))}
    return msgspec.structs.replace(wine, **changed)


def _without_accents(text: str) -> str:
    """Base letters only; other characters stay as they are."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


SPELLINGS: Final[Mapping[str, Callable[[str], str]]] = MappingProxyType(
    {
        "upper case": str.upper,
        "lower case": str.lower,
        "without accents": _without_accents,
        "decomposed accents": lambda text: unicodedata.normalize("NFD", text),
        "space around": lambda text: f"  {text}\t",
        "double space": lambda text: text.replace(" ", "  "),
    }
)


def direction(scorer: Scores, case: Direction) -> Check:
    """The dearer of two wines must be priced above the cheaper one."""
    name = f"direction: {case.name}"
    unknown = [value for field, value in case.needs if not _knows(scorer, field, value)]
    dear, cheap = scorer.score(case.dear), scorer.score(case.cheap)
    few_words = any(w.code == "few_known_words" for e in (dear, cheap) for w in e.warnings)
    if unknown or few_words:
        missing = ", ".join(unknown) if unknown else "the words of the notes"
        return Check(name, "skipped", f"the training data do not know {missing}")
    figures = f"${dear.price:.2f} against ${cheap.price:.2f}"
    return Check(name, "passed" if dear.price > cheap.price else "failed", figures)


def points_rise(scorer: Scores, wines: Sequence[Wine]) -> Check:
    """From 80 to 100 points a wine's price rises: rarely and little against a single point, never in all."""
    asked = [
        msgspec.structs.replace(wine, points=float(points))
        for wine in wines[:POINTS_WINES]
        for points in SCALE
    ]
    prices = np.array([estimate.log_price for estimate in scorer.score_batch(asked)]).reshape(-1, len(SCALE))
    steps = np.diff(prices, axis=1)
    falls = float((steps < -TOLERANCE).mean()) if steps.size else 0.0
    worst = float(-steps.min(initial=0.0))
    rise = float(np.median(prices[:, -1] - prices[:, 0])) if steps.size else 0.0
    message = (
        f"100 points cost {np.expm1(rise):+z.0%} against 80; {falls:z.1%} of the steps fall (at most "
        f"{FALLS_SHARE:z.0%}), by up to {-np.expm1(-worst):z.1%} (at most {LARGEST_FALL:z.0%})"
    )
    good = falls <= FALLS_SHARE and -np.expm1(-worst) <= LARGEST_FALL and (rise >= 0 or not steps.size)
    return Check("points: one more never makes a wine much cheaper", "passed" if good else "failed", message)


def minimum(scorer: Scores, wines: Iterable[Wine], price_range: tuple[float, float]) -> Check:
    """Every price is finite, positive, inside its interval and within reach of the training prices."""
    lowest, highest = price_range[0] / REACH, price_range[1] * REACH
    prices = []
    given = list(wines)
    for wine, estimate in zip(given, scorer.score_batch(given), strict=True):
        prices.append(estimate.price)
        sound = _is_sound(estimate) and lowest <= estimate.price <= highest
        if not sound:
            message = (
                f"${estimate.price:.2f} [{estimate.low:.2f}, {estimate.high:.2f}] for {wine!r}; expected a "
                f"finite price from ${lowest:.2f} to ${highest:.2f} inside its interval"
            )
            return Check("minimum: a price is a price", "failed", message)
    message = f"{len(prices)} wines from ${min(prices):.2f} to ${max(prices):.2f}"
    return Check("minimum: a price is a price", "passed", message)


def _is_sound(estimate: Estimate) -> bool:
    figures = (estimate.low, estimate.price, estimate.high, estimate.expected_error)
    return all(math.isfinite(f) for f in figures) and 0 < estimate.low <= estimate.price <= estimate.high


def _knows(scorer: Scores, field: str, value: str) -> bool:
    return fold(value) in {fold(name) for name in scorer.categories.get(field, ())}


_GREAT_NOTE: Final = (
    "A profound, complex and powerful wine of great concentration, with layers of ripe black fruit, "
    "polished tannins and an extraordinarily long finish. It will age for decades in the cellar."
)
_PLAIN_NOTE: Final = (
    "Simple and light, with thin and slightly sour red fruit and a short finish. "
    "An easy everyday wine. Drink now."
)
_WHITE_NOTE: Final = "A fresh white wine with citrus and apple fruit, good acidity and a clean finish."
_SWEET_NOTE: Final = (
    "Rich and sweet, with honey, apricot, orange marmalade and botrytis, balanced by acidity, "
    "complex and long on the finish."
)

_GRAND_CRUS: Final = (
    "Chambertin", "Clos de Vougeot", "Charmes-Chambertin", "Corton", "Corton-Charlemagne", "Échézeaux",
    "Grands-Echezeaux", "Clos de la Roche", "Musigny", "Bonnes-Mares", "Bâtard-Montrachet", "Montrachet",
)  # fmt: skip
_GENERIC: Final = ("Bourgogne", "Mâcon-Villages", "Mâcon", "Hautes Côtes de Beaune", "Bourgogne Aligoté")

ODD_WINES: Final = (
    Wine(country="", description="", province="", millesime="NV"),
    Wine(country="Atlantis", description="qwrt zxcv", province="Nowhere", millesime=1066),
    Wine(
        country="France", description="wine " * 2000, province="Bordeaux", millesime="2030",
        variety="?", winery="?", region="?", designation="?", points=100,
    ),
    Wine(country="US", description=_PLAIN_NOTE, province="California", millesime=2012, points=80),
)  # fmt: skip


def directions(categories: Mapping[str, tuple[str, ...]]) -> Iterator[Direction]:
    """The pairs to check; appellations are chosen among those that the model knows."""
    yield from _by_score()
    yield _by_appellation(frozenset(fold(name) for name in categories.get("region", ())))
    yield _by_age()


def _by_score() -> Iterator[Direction]:
    wine = Wine(country="US", description=_WHITE_NOTE, province="California", millesime=2012)
    replace = msgspec.structs.replace
    known = (("country", "US"), ("province", "California"))
    yield Direction("98 points against 82 points", replace(wine, points=98), replace(wine, points=82), known)
    yield Direction(
        "the note of a 98-point wine against that of an 82-point wine",
        replace(wine, description=_GREAT_NOTE),
        replace(wine, description=_PLAIN_NOTE),
        known,
    )


def _by_appellation(known: frozenset[str]) -> Direction:
    great = next((name for name in _GRAND_CRUS if fold(name) in known), _GRAND_CRUS[0])
    plain = next((name for name in _GENERIC if fold(name) in known), _GENERIC[0])
    wine = Wine(country="France", description=_WHITE_NOTE, province="Burgundy", millesime=2012)
    return Direction(
        "grand cru against generic appellation",
        msgspec.structs.replace(wine, region=great),
        msgspec.structs.replace(wine, region=plain),
        (("province", "Burgundy"), ("region", great), ("region", plain)),
        f"{great}, {plain}",
    )


def _by_age() -> Direction:
    white_blend = "Bordeaux-style White Blend"
    old = Wine(
        country="France", description=_SWEET_NOTE, province="Bordeaux", millesime=1998,
        region="Sauternes", variety=white_blend,
    )  # fmt: skip
    young = Wine(country="France", description=_WHITE_NOTE, province="Bordeaux", millesime=2013,
                 region="Bordeaux Blanc", variety=white_blend)  # fmt: skip
    needs = (("province", "Bordeaux"), ("region", "Sauternes"), ("region", "Bordeaux Blanc"))
    return Direction("old Sauternes against young table wine", old, young, needs)
