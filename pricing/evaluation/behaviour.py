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

from pricing.wine.estimate import Estimate
from pricing.wine.request import Wine
from pricing.wine.schema import OPTIONAL_TEXT_FIELDS
from pricing.wine.text import fold

Outcome = Literal["passed", "failed", "skipped"]

TOLERANCE: Final = 1e-9
"""Largest difference of log price that counts as the same answer."""

REACH: Final = 3.0
"""A price may lie outside the training prices by this factor."""


class Scores(Protocol):
    """What the checks need of a model: `pricing.scoring.scorer.Scorer`."""

    categories: Mapping[str, tuple[str, ...]]

    def score(self, wine: Wine) -> Estimate: ...


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
        minimum(scorer, (*wines, *ODD_WINES), price_range),
    )


def invariance(scorer: Scores, wines: Iterable[Wine], name: str, change: Callable[[str], str]) -> Check:
    """Writing every text of a wine differently must not change its price."""
    worst = max(
        (abs(scorer.score(w).log_price - scorer.score(respelled(w, change)).log_price) for w in wines),
        default=0.0,
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


def minimum(scorer: Scores, wines: Iterable[Wine], price_range: tuple[float, float]) -> Check:
    """Every price is finite, positive, inside its interval and within reach of the training prices."""
    lowest, highest = price_range[0] / REACH, price_range[1] * REACH
    prices = []
    for wine in wines:
        estimate = scorer.score(wine)
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
