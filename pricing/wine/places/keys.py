"""Forms of a name in which its usual spellings are one."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from pricing.wine.text import fold

REMEMBERED: Final = 8192

MOST_PARTS: Final = 6
"""More names in one field are not looked at."""

_WORD: Final = re.compile(r"[^\W_]+")
_DOTTED: Final = re.compile(r"\b(?:\w\.){2,}")
"""Initials with dots: "U.S.A." is one word."""

_PARTS: Final = re.compile(r"[,;/|()\[\]>]|\s[-\u2013\u2014]\s")

_SAINTS: Final = frozenset({"saint", "sainte", "st", "ste", "sankt", "sta", "santa", "san", "sao", "saints"})

_SMALL: Final = frozenset(
    {"a", "al", "and", "au", "aux", "d", "da", "das", "de", "degli", "dei", "del", "della", "delle", "dem"}
    | {"den", "der", "des", "di", "do", "dos", "du", "e", "el", "en", "et", "i", "il", "in", "l", "la", "las"}
    | {"le", "les", "lo", "los", "of", "the", "und", "van", "vom", "von", "y"}
)
"""Articles and prepositions, which people leave out or put into their own language."""

_KINDS: Final = frozenset(
    {
        "valley",
        "vly",
        "vallee",
        "valle",
        "val",
        "vale",
        "tal",
        "region",
        "regione",
        "wine",
        "wines",
        "country",
    }
    | {"state", "province", "provincia", "provinz", "county", "district", "area", "zone", "zona", "weinbau"}
    | {"ava", "aoc", "aop", "ac", "doc", "docg", "doca", "do", "dop", "dac", "igt", "igp", "vdp", "wo", "gi"}
    | {"appellation", "controlee", "denominacion", "denominazione", "origen", "origine", "rayon", "comte"}
)
"""What kind of place a name is of."""


@lru_cache(maxsize=REMEMBERED)
def key(name: str) -> str:
    """A name without dots, hyphens, articles: `"St-Émilion"` and `"Saint Emilion"` have one key."""
    return " ".join(_words(name)) or " ".join(_WORD.findall(fold(name)))


@lru_cache(maxsize=REMEMBERED)
def core(name: str) -> str:
    """The key without words for kinds of places: `"Rhône Valley"`, `"Vallée du Rhône"` → `"rhone"`."""
    return " ".join(word for word in _words(name) if word not in _KINDS)


def parts(name: str) -> list[str]:
    """Names that are written in one field: `"Bordeaux, Saint-Émilion"`; none where it is one name."""
    found = [part.strip() for part in _PARTS.split(name, maxsplit=MOST_PARTS)]
    found = [part for part in found if part][:MOST_PARTS]
    return found if len(found) > 1 else []


def _words(name: str) -> list[str]:
    text = _DOTTED.sub(lambda match: match.group().replace(".", "") + " ", fold(name))
    words = _WORD.findall(text.replace("'s ", "s "))
    return ["st" if word in _SAINTS else word for word in words if word not in _SMALL]
