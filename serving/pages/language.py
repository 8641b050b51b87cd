"""Which language a page is shown in, and what its phrases are."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

LANGUAGES: Final = MappingProxyType(
    {"en": "English", "fr": "Français", "it": "Italiano", "es": "Español", "de": "Deutsch"}
)
"""Code → the language's own name. The first one is shown to those who ask for none of them."""

DEFAULT: Final = next(iter(LANGUAGES))


def negotiate(asked: str | None, accept_language: str) -> str:
    """The language of the page: what the switch asked for, else the best of `Accept-Language` (RFC 9110)."""
    if asked in LANGUAGES:
        return str(asked)
    ranked = sorted(_weighted(accept_language), key=lambda entry: -entry[1])
    return next((tag for tag, weight in ranked if weight > 0 and tag in LANGUAGES), DEFAULT)


def _weighted(accept_language: str) -> list[tuple[str, float]]:
    entries = []
    for entry in accept_language.split(",")[:20]:
        tag, _, parameter = entry.partition(";")
        _, _, weight = parameter.partition("q=")
        try:
            entries.append((tag.strip().lower().split("-")[0], float(weight or 1)))
        except ValueError:
            continue
    return entries


@cache
def phrases(language: str) -> dict[str, str]:
    """Every phrase of the pages in this language, by key. `{name}` marks what is filled in later."""
    loaded: dict[str, str] = json.loads(_read(f"{language}.json"))
    return loaded


def _read(name: str) -> str:
    return (files("serving.pages") / "translations" / name).read_text(encoding="utf-8")
