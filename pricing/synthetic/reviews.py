"""Synthetic wine reviews in the winemag columns: a stand-in where no real reviews are at hand.

Prices follow a hedonic model: log price = place + grape + estate + designation + quality + age + noise.
A review's words and points follow its quality, so that text, points and names all tell something
of the price, as they do in real reviews. Deterministic: one seed, one table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
import pandas as pd

from pricing.synthetic import phrases as words
from pricing.synthetic import world
from pricing.wine.schema import WINEMAG_COLUMNS

MARKER_FILE: Final = "SYNTHETIC.md"
MARKER_TEXT: Final = (
    "# Synthetic data\n\n"
    "The reviews in this folder were generated. Prices estimated from them say nothing about real wines.\n"
)

BASE_LOG_PRICE: Final = 2.93
NOISE: Final = 0.24
ICON_PREMIUM: Final = 1.0
"""What an icon wine costs above its peers, natural log USD."""

WORLD_SEED: Final = 7
"""The estates are the same in every table, so that tables of different seeds come from one world."""

NEAR_DUPLICATES: Final = 0.01
NO_PRICE: Final = 0.05
NO_COUNTRY: Final = 0.0005
NO_REGION: Final = 0.02
NO_DESIGNATION: Final = 0.35
NO_TASTER: Final = 0.2
NON_VINTAGE: Final = 0.02
NON_VINTAGE_SPARKLING: Final = 0.5
CELLARED_SWEET: Final = 0.3
"""Share of sweet wines that were reviewed old."""

PLAIN_BELOW: Final = -0.5
GREAT_ABOVE: Final = 1.2
"""Quality, in standard deviations, below and above which a reviewer's words change."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Market:
    """The market that reviews are drawn from.

    `price_level` multiplies every price (1.02 is an inflation of 2 %); `icon_share` is the share of
    icon wines, rated 94 points and more and far dearer than their peers; `last_vintage` is the
    youngest vintage reviewed.
    """

    price_level: float = 1.0
    icon_share: float = 0.02
    last_vintage: int = 2015

    def __post_init__(self) -> None:
        if not self.price_level > 0:
            raise ValueError(f"price_level must be positive, not {self.price_level}")
        if not 0 <= self.icon_share <= 1:
            raise ValueError(f"icon_share must be between 0 and 1, not {self.icon_share}")


@dataclass(frozen=True, slots=True)
class Sample:
    """Reviews to train on and to test on; no wine stands in both."""

    train: pd.DataFrame
    test: pd.DataFrame


@dataclass(frozen=True, slots=True)
class _Estate:
    name: str
    place: world.Place
    quality: float


def sample(*, train_rows: int = 6_000, test_rows: int = 800, seed: int = 20_260_101) -> Sample:
    """Two tables of synthetic reviews, disjoint by wine."""
    table = reviews(round(1.05 * (train_rows + test_rows)) + 50, seed=seed)
    titles = table["title"].drop_duplicates()
    is_test = table["title"].isin(titles.sample(n=test_rows, random_state=seed))
    test = table[is_test].head(test_rows)
    train = table[~is_test].head(train_rows)
    return Sample(train=train.reset_index(drop=True), test=test.reset_index(drop=True))


def reviews(rows: int, *, seed: int, market: Market | None = None) -> pd.DataFrame:
    """`rows` synthetic reviews in the 14 winemag columns, about one in a hundred a near-duplicate.

    Some lack a price, a country, a region or a vintage, as real reviews do.
    """
    rng = np.random.default_rng(seed)
    estates = _estates(np.random.default_rng(WORLD_SEED))
    weights = np.array([estate.place.weight for estate in estates])
    chosen = rng.choice(len(estates), size=rows, p=weights / weights.sum())
    records = [_review(rng, estates[index], market or Market()) for index in chosen]
    _repeat_some(rng, records)
    table = pd.DataFrame(records, columns=list(WINEMAG_COLUMNS[1:]))
    table.insert(0, "id", np.arange(rows))
    return table


def _repeat_some(rng: np.random.Generator, records: list[dict[str, object]]) -> None:
    """Replace one record in a hundred by a near-duplicate of its neighbour: reworded end, same wine."""
    for index in np.flatnonzero(rng.random(len(records)) < NEAR_DUPLICATES):
        if index == 0:
            continue
        original = records[index - 1]
        ending = _pick(rng, words.FINISH.good)
        records[index] = original | {"description": f"{original['description']} {ending}"}


def _estates(rng: np.random.Generator) -> list[_Estate]:
    """The estates of every place; the more a place is reviewed, the more it has."""
    names: set[str] = set()
    estates = []
    for place in world.PLACES:
        for _ in range(max(4, round(place.weight * 12))):
            name = _estate_name(rng, place.country, names)
            estates.append(_Estate(name=name, place=place, quality=float(rng.normal(0, 1))))
    return estates


def _estate_name(rng: np.random.Generator, country: str, taken: set[str]) -> str:
    forms = world.ESTATE_FORMS.get(country, ("{} Estate", "{}"))
    while True:
        stem = "".join(_pick(rng, part) for part in world.SYLLABLES)
        name = _pick(rng, forms).format(stem)
        if name not in taken:
            taken.add(name)
            return name


def _review(rng: np.random.Generator, estate: _Estate, market: Market) -> dict[str, object]:
    place = estate.place
    icon = _chance(rng, market.icon_share)
    quality = float(0.6 * estate.quality + rng.normal(0, 0.8)) + (2.2 if icon else 0.0)
    variety = _pick(rng, place.grapes)
    designation, designation_effect = _designation(rng)
    vintage = _vintage(rng, market, sweet=variety in world.SWEET, sparkling=variety in world.SPARKLING)
    log_price = (
        BASE_LOG_PRICE
        + place.effect
        + world.GRAPE_EFFECTS.get(variety, 0.0)
        + 0.12 * estate.quality
        + designation_effect
        + 0.27 * quality
        + (ICON_PREMIUM if icon else 0.0)
        + _age_effect(vintage, market.last_vintage)
        + rng.normal(0, NOISE)
    )
    taster, handle = _pick(rng, world.TASTERS) if not _chance(rng, NO_TASTER) else (None, None)
    return {
        "country": None if _chance(rng, NO_COUNTRY) else place.country,
        "description": _description(rng, variety, quality),
        "designation": designation,
        "points": _points(rng, quality, icon=icon),
        "price": None if _chance(rng, NO_PRICE) else _price(log_price, market.price_level),
        "province": place.province,
        "region_1": None if _chance(rng, NO_REGION) else place.region,
        "region_2": place.subregion,
        "taster_name": taster,
        "taster_twitter_handle": handle,
        "title": _title(estate.name, vintage, designation, variety, place.region or place.province),
        "variety": variety,
        "winery": estate.name,
    }


def _designation(rng: np.random.Generator) -> tuple[str | None, float]:
    if _chance(rng, NO_DESIGNATION):
        return None, 0.0
    weights = np.array([weight for _, _, weight in world.DESIGNATIONS], dtype=float)
    name, effect, _ = world.DESIGNATIONS[rng.choice(len(weights), p=weights / weights.sum())]
    return name, effect


def _vintage(rng: np.random.Generator, market: Market, *, sweet: bool, sparkling: bool) -> int | None:
    """A year, or None for a wine without one: most sparkling wines, few others."""
    if _chance(rng, NON_VINTAGE_SPARKLING if sparkling else NON_VINTAGE):
        return None
    age = rng.gamma(2.0, 9.0 if sweet and _chance(rng, CELLARED_SWEET) else 1.4)
    return max(1950, market.last_vintage - int(age))


def _age_effect(vintage: int | None, last_vintage: int) -> float:
    return 0.0 if vintage is None else 0.045 * min(last_vintage - vintage, 25) - 0.08


def _points(rng: np.random.Generator, quality: float, *, icon: bool) -> int:
    points = round(88.2 + 2.6 * quality + rng.normal(0, 1.0))
    return int(np.clip(points, 94 if icon else 80, 100))


def _price(log_price: float, level: float) -> float:
    return float(np.clip(round(np.exp(log_price) * level), 4, 3_000))


def _title(winery: str, vintage: int | None, designation: str | None, variety: str, place: str) -> str:
    parts = [winery, str(vintage) if vintage else "NV", designation, variety, f"({place})"]
    return " ".join(part for part in parts if part)


def _description(rng: np.random.Generator, variety: str, quality: float) -> str:
    sweet = variety in world.SWEET
    fruits = words.SWEET_FRUIT if sweet else words.WHITE_FRUIT if variety in world.WHITE else words.RED_FRUIT
    first, second = _two(rng, fruits)
    body = _pick(rng, _fitting(rng, words.BODY, quality))
    opening = _pick(rng, words.OPENINGS).format(first=first, second=second, style=variety, body=body)
    sentences = [opening, _pick(rng, words.SWEETNESS)] if sweet else [opening]
    for _ in range(int(rng.integers(1, 4))):
        third, fourth = _two(rng, words.ACCENTS)
        sentences.append(_pick(rng, words.MIDDLES).format(first=third, second=fourth))
    sentences.append(_pick(rng, _fitting(rng, words.FINISH, quality)))
    text = " ".join(sentences)
    return text[0].upper() + text[1:]


def _fitting(rng: np.random.Generator, phrases: words.Words, quality: float) -> tuple[str, ...]:
    """The phrases that fit the quality, as the reviewer felt it that day."""
    felt = quality + rng.normal(0, 0.5)
    if felt < PLAIN_BELOW:
        return phrases.plain
    return phrases.great if felt > GREAT_ABOVE else phrases.good


def _chance(rng: np.random.Generator, share: float) -> bool:
    return bool(rng.random() < share)


def _pick(rng: np.random.Generator, choices: Sequence[_T]) -> _T:
    return choices[int(rng.integers(len(choices)))]


def _two(rng: np.random.Generator, choices: Sequence[str]) -> tuple[str, str]:
    first, second = rng.choice(len(choices), size=2, replace=False)
    return choices[int(first)], choices[int(second)]
