"""Layouts of other programs' files whose columns are known."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Layout:
    """A layout, recognised by `signature`; names in the form of `pricing.data.columns.plain`.

    `optional` are fields that such a file may lack, `unknown` words that stand for a place nobody knows.
    """

    title: str
    signature: frozenset[str]
    names: Mapping[str, str]
    optional: frozenset[str] = frozenset()
    unknown: frozenset[str] = frozenset()

    def fits(self, names: Set[str]) -> bool:
        return names >= self.signature


CELLARTRACKER: Final = Layout(
    title="CellarTracker",
    signature=frozenset({"country", "region", "subregion", "appellation", "producer", "varietal"}),
    names={
        "region": "province",
        "appellation": "region",
        "subregion": "region_2",
        "producer": "winery",
        "varietal": "variety",
        "wine": "title",
        "tastingnotes": "description",
        "tastingnote": "description",
        "rating": "points",
    },
    optional=frozenset({"description"}),
    unknown=frozenset({"unknown"}),
)

WINE_ENTHUSIAST_2022: Final = Layout(
    title="Wine Enthusiast, 2022",
    signature=frozenset({"wine", "winery", "varietal", "appellation", "review"}),
    names={
        "wine": "title",
        "varietal": "variety",
        "appellation": "place",
        "rating": "points",
        "review": "description",
        "reviewer": "taster_name",
    },
)

LAYOUTS: Final = (CELLARTRACKER, WINE_ENTHUSIAST_2022)


def split_place(place: str) -> tuple[str, str, str]:
    """(country, province, region) of a place, finest part first: "Napa Valley, California, US"."""
    parts = [part.strip() for part in place.split(",") if part.strip()]
    country = parts[-1] if parts else ""
    province = parts[-2] if len(parts) > 1 else ""
    region = parts[0] if len(parts) > 2 else ""  # noqa: PLR2004 - country and province
    return country, province, region
