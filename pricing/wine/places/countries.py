"""Countries by their names in any language, their codes and abbreviations."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from pricing.wine.places.keys import key
from pricing.wine.places.spelling import NearNames
from pricing.wine.places.tables import countries, country_aliases


class CountryReader:
    """Reads a country as one of those that training knows, given most frequent first."""

    def __init__(self, known: Sequence[str]) -> None:
        self._known = {key(name): name for name in reversed(known)}
        self._by_code: dict[str, str] = {}
        for name in known:
            code = code_of(name)
            if code:
                self._by_code.setdefault(code, name)
        names = {name: code for name, code in _codes().items() if code in self._by_code}
        self._near = NearNames(name for name in {*self._known, *names} if len(name) > 3)  # noqa: PLR2004

    def read(self, name: str) -> str | None:
        """The known name of a country; None for one that training does not know."""
        return self._exact(key(name))

    def guess(self, name: str) -> str | None:
        """The known country of a misspelled name."""
        near = self._near.find(key(name))
        return self._exact(near) if near else None

    def _exact(self, name: str) -> str | None:
        return self._known.get(name) or self._by_code.get(_codes().get(name, ""))


def code_of(country: str) -> str:
    """ISO 3166 code of a country by any of its names; "" for what is none."""
    return _codes().get(key(country), "")


@cache
def _codes() -> dict[str, str]:
    """Key of a name → code. Names in use win over former codes, and these over nothing."""
    found: dict[str, str] = {}
    for code, names in country_aliases().items():
        for name in names:
            found.setdefault(key(name), code)
    for code, shown in countries().items():
        for name in ";".join(shown.values()).split(";"):
            if name.strip():
                found.setdefault(key(name), code)
    for code in countries():
        found.setdefault(code.lower(), code)
    return found
