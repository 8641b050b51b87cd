"""Which column of a file is which field of a wine: by its name, by a known layout, or as a person says."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pricing.data.layouts import LAYOUTS, Layout
from pricing.errors import DataError
from pricing.wine.text import fold

FIELDS_OF_FILES: Final = (
    "id", "country", "description", "province", "millesime", "variety", "winery", "region", "region_2",
    "designation", "points", "price", "title", "request_id", "place", "taster_name", "taster_twitter_handle",
)  # fmt: skip
"""What a column may hold. `place` is all of a place, the finest part first: "Napa Valley, California, US"."""

NAMES: Final = {field.replace("_", ""): field for field in FIELDS_OF_FILES} | {
    "unnamed0": "id",
    "vintage": "millesime",
    "region1": "region",
}
"""Field of a name, in the form of `plain`; a field's own name goes before another's for it."""

_NOT_LETTERS: Final = re.compile(r"[^a-z0-9]")
_PRICE_IN: Final = re.compile(r"price[\s_]*[\[(]?\s*([a-z]{3}|us\$|[$€£¥])\s*[\])]?")
_DOLLARS: Final = frozenset({"usd", "us$", "$"})
_SHOWN: Final = 400


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a file: their `names` as they stand there, and the place (from 0) of each field."""

    names: tuple[str, ...]
    places: Mapping[str, int]
    layout: Layout | None = None

    def listed(self) -> str:
        """The names, for a message."""
        return ", ".join(name or "(unnamed)" for name in self.names)[:_SHOWN]


def columns_of(names: Sequence[str], mapping: Mapping[str, str] | None, file: str) -> Columns:
    """The columns behind a header. `mapping` gives the field of columns by name (`{"Pays": "country"}`).

    Raises DataError for two columns of one name, and for a mapping that does not fit the header.
    """
    names = tuple(name.strip().strip("\ufeff") for name in names)
    mapped = _mapped(names, mapping or {}, file)
    layout = next((layout for layout in LAYOUTS if layout.fits(set(map(plain, names)))), None)
    known = {**NAMES, **(layout.names if layout else {})}
    places: dict[str, int] = {}
    owners: dict[str, str] = {}
    for place, name in enumerate(names):
        field = mapped.get(place) or (_field_of(name, known, file) if name else _index(place))
        if field is None or (field in mapped.values() and place not in mapped):
            continue
        if field not in places or _stronger(name, owners[field], field):
            places[field], owners[field] = place, name
    _refuse_repeated(names, places, known, file)
    return Columns(names, places, layout)


def known_names(mapping: Mapping[str, str] | None, names: Sequence[str]) -> int:
    """How many of `names` a header may have: what tells a header from a title above it."""
    forms = {plain(name) for name in names} - {""}
    wanted = set(NAMES) | {plain(name) for name in mapping or {}}
    for layout in LAYOUTS:
        wanted |= set(layout.names)
    return len(forms & wanted)


def plain(name: str) -> str:
    """A name without case, accents, spaces and signs: "Region 1" and "region_1" are one."""
    return _NOT_LETTERS.sub("", fold(name))


def _index(place: int) -> str | None:
    """The first column without a name is the index that pandas wrote."""
    return "id" if place == 0 else None


def _field_of(name: str, known: Mapping[str, str], file: str) -> str | None:
    currency = _PRICE_IN.fullmatch(name.lower().strip())
    if currency is None:
        return known.get(plain(name))
    if currency.group(1) not in _DOLLARS:
        raise DataError(
            f"{file} has a column {name!r}: prices must be in US dollars. Convert them, and name the column "
            "price."
        )
    return "price"


def _stronger(name: str, other: str, field: str) -> bool:
    """Whether a column has a field's own name, and the one found before it only another name for it."""
    own = field.replace("_", "")
    return plain(name) == own != plain(other)


def _mapped(names: Sequence[str], mapping: Mapping[str, str], file: str) -> dict[int, str]:
    forms = [plain(name) for name in names]
    found: dict[int, str] = {}
    for name, wanted in mapping.items():
        field = NAMES.get(plain(wanted))
        if field is None:
            raise DataError(
                f"`columns` maps {name!r} to {wanted!r}, which is no field. Fields: "
                f"{', '.join(FIELDS_OF_FILES)}."
            )
        places = [place for place, own in enumerate(names) if own == name.strip()]
        places = places or [place for place, form in enumerate(forms) if form == plain(name)]
        if not places:
            listed = ", ".join(own for own in names if own)[:_SHOWN]
            raise DataError(f"`columns` names {name!r}, but {file} has no such column; it has {listed}.")
        if field in found.values():
            raise DataError(f"`columns` maps two columns to {field}. Map one.")
        found[places[0]] = field
    return found


def _refuse_repeated(
    names: Sequence[str], places: Mapping[str, int], known: Mapping[str, str], file: str
) -> None:
    """Two columns of one name, or of two spellings of a name that is read."""
    used = {plain(names[place]) for place in places.values()} & set(known)
    counts = Counter(plain(name) if plain(name) in used else name for name in names if name)
    repeated = [key for key, count in counts.items() if count > 1]
    if repeated:
        listed = ", ".join(sorted({name for name in names if name in repeated or plain(name) in repeated}))
        raise DataError(f"{file} has several columns named {listed}. Keep one, or give each its own name.")
