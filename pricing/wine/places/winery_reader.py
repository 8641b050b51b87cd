"""Wineries by their usual short forms; their distinctive words decide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

from pricing.wine.places.hierarchy import Hierarchy
from pricing.wine.places.keys import key
from pricing.wine.places.spelling import NearNames
from pricing.wine.text import fold

REMEMBERED: Final = 8192

OUTSTANDING: Final = 5
"""Of several wineries that may be meant, one with so many times the wines of each other one is."""

SHORTEST_MISSPELLED: Final = 7
"""Letters of the distinctive words; shorter ones are too near to other houses: Latour and Lafour."""

_ABBREVIATED: Final = {
    "ch": "chateau", "chat": "chateau", "dom": "domaine", "bod": "bodegas", "bodega": "bodegas",
    "cant": "cantina", "cantine": "cantina", "ten": "tenuta", "tenute": "tenuta", "az": "azienda",
    "agr": "agricola", "wgt": "weingut", "qta": "quinta", "cast": "castello", "fatt": "fattoria",
    "pod": "podere", "poderi": "podere", "vina": "vina", "vinas": "vina", "bros": "brothers", "mt": "mount",
}  # fmt: skip

TYPES: Final = frozenset(
    {"chateau", "domaine", "bodegas", "cantina", "tenuta", "weingut", "quinta", "castello", "fattoria"}
    | {"podere", "vina", "maison", "clos", "mas", "herdade", "casa", "villa", "schloss", "castell"}
    | {"marchesi", "conti", "barone", "marques", "conde", "pago", "finca", "hacienda", "celler", "adega"}
)
"""What a house calls itself. Two that differ in it are two houses; one without it may be either."""

SHORTEST_TYPE: Final = 6
"""Letters of a word that is taken for a misspelled type of house; shorter ones are words of their own."""

_LONG_TYPES: Final = tuple(sorted(word for word in TYPES if len(word) >= SHORTEST_TYPE))

_PLAIN: Final = frozenset(
    {"winery", "wineries", "vineyard", "vineyards", "cellar", "cellars", "estate", "estates", "wine", "wines"}
    | {
        "vintners",
        "vignobles",
        "vins",
        "vini",
        "vinos",
        "vinhos",
        "company",
        "co",
        "inc",
        "ltd",
        "llc",
        "spa",
    }
    | {"srl", "sa", "sarl", "sas", "gmbh", "family", "famille", "familia", "famiglia", "azienda", "agricola"}
    | {"societa", "agraria", "vitivinicola", "fils", "filles", "fille", "pere", "freres", "figli", "hijos"}
    | {"sons", "son", "brothers", "sohne", "sohn", "fratelli", "hermanos", "irmaos", "freiherr", "winzer"}
    | {
        "producteur",
        "proprietaire",
        "group",
        "the",
        "dr",
        "viticultores",
        "vignerons",
        "weinbau",
        "weinkellerei",
    }
)


class WordIndex:
    """Wineries by their distinctive words, and by keys that misspelled ones are compared with."""

    def __init__(self, known: Sequence[str]) -> None:
        self.by_words: dict[frozenset[str], list[str]] = {}
        self._by_word: dict[str, list[str]] = {}
        for name in known:
            words = distinctive(name)
            self.by_words.setdefault(words, []).append(name)
            for word in words:
                self._by_word.setdefault(word, []).append(name)
        self.keys = {key(name): name for name in reversed(known)}
        self.near = NearNames(self.keys)

    def holding(self, words: frozenset[str]) -> list[str]:
        """Wineries whose distinctive words hold all of these: "Jadot" in "Louis Jadot"."""
        rarest = min((self._by_word.get(word, []) for word in words), key=len)
        return [name for name in rarest if words <= distinctive(name)]


class WineryReader:
    """Reads wineries by the names that training knows."""

    def __init__(self, names: Mapping[str, Sequence[str]], hierarchy: Hierarchy) -> None:
        self._known = names["winery"]
        self._exact = {fold(name): name for name in self._known}
        self._index = WordIndex(self._known)
        self._places: dict[str, set[str]] = {}
        self._wines: Counter[str] = Counter()
        for winery, country, province, count in hierarchy.wineries.tolist():
            if winery < 0:
                continue
            self._wines[self._known[winery]] += count
            places = self._places.setdefault(self._known[winery], set())
            places.update([names["country"][country]] if country >= 0 else [])
            places.update([names["province"][province]] if province >= 0 else [])

    def read(self, winery: str, country: str, province: str) -> str | None:
        """The known winery that is meant, of this country and province ("" for any); None for none."""
        used = self._exact.get(fold(winery)) or self._index.keys.get(key(winery))
        if used:
            return used
        words, kinds = distinctive(winery), types(winery)
        if words:
            same = self._fitting(self._index.by_words.get(words, ()), kinds, country, province)
            used = self._outstanding([name for name in same if kinds or _initials(name) <= _initials(winery)])
            if used or (kinds and same):
                return used
            wider = [] if kinds else self._fitting(self._index.holding(words), kinds, country, province)
            if wider:
                return self._outstanding(wider)
        return self._misspelled(winery, country)

    def namesake(self, winery: str, country: str) -> str | None:
        """The house of this country that has the same distinctive words and calls itself the same, wherever
        in the country: "Bodegas Muga" for Muga, "Chateu Latour" for Château Latour. It may be meant.
        """
        corrected = " ".join(map(_corrected_type, key(winery).split()))
        words, kinds = distinctive(corrected), types(corrected)
        same = self._index.by_words.get(words, ()) if words else ()
        alike = [name for name in same if _initials(name) <= _initials(winery)]
        return self._outstanding(self._fitting(alike, kinds, country, ""))

    def _misspelled(self, winery: str, country: str) -> str | None:
        """A house whose name is a slip away, and long enough for that to be no other house."""
        name, keys = key(winery), self._index.keys
        near = next((each for each in (name + "s", name.removesuffix("s")) if each in keys), None)
        if near is None and len("".join(distinctive(winery))) >= SHORTEST_MISSPELLED:
            near = self._index.near.find(name)
        if near is None or types(winery) != types(keys[near]):
            return None
        return self._outstanding(self._fitting([keys[near]], frozenset(), country, ""))

    def _fitting(
        self, wineries: Sequence[str], kinds: frozenset[str], country: str, province: str
    ) -> list[str]:
        """Those of the place whose kind of house is not another one."""
        found = []
        for name in wineries:
            others = types(name)
            places = self._places.get(name, set())
            here = (not country or country in places) and (not province or province in places)
            if here and (not kinds or not others or kinds & others):
                found.append(name)
        return found

    def _outstanding(self, wineries: Sequence[str]) -> str | None:
        """The only one, or the one with far more wines than the others."""
        if not wineries:
            return None
        first, *others = sorted(wineries, key=lambda name: -self._wines[name])
        if others and self._wines[first] < OUTSTANDING * self._wines[others[0]]:
            return None
        return first


def distinctive(winery: str) -> frozenset[str]:
    """The words of a house's name that no other house has for that reason alone."""
    return frozenset(
        word for word in _words(winery) if word not in TYPES and word not in _PLAIN and len(word) > 1
    )


def _initials(winery: str) -> frozenset[str]:
    return frozenset(word for word in _words(winery) if len(word) == 1)


def types(winery: str) -> frozenset[str]:
    """What the house calls itself."""
    return frozenset(_words(winery)) & TYPES


def _corrected_type(word: str) -> str:
    """What a house calls itself, for a word that is one letter away: "chateu" → "chateau"."""
    if len(word) < SHORTEST_TYPE or word in TYPES:
        return word
    near = process.extractOne(word, _LONG_TYPES, scorer=OSA.distance, score_cutoff=1)
    return near[0] if near else word


def spelled_out(word: str) -> str:
    """A word of a house's name, as a key, for its abbreviation: "ch" → "chateau"."""
    return _ABBREVIATED.get(word, word)


@lru_cache(maxsize=REMEMBERED)
def _words(winery: str) -> tuple[str, ...]:
    return tuple(map(spelled_out, key(winery).split()))
