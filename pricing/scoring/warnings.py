"""Warnings of a request: what about it makes its price less trustworthy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from rapidfuzz import fuzz, process

from pricing.wine.estimate import RequestWarning
from pricing.wine.languages.recognition import UNKNOWN
from pricing.wine.odd_notes import LONG_NOTE, LONGEST, MARKUP, REPEATED_WORDS
from pricing.wine.places.reading import Fact, ReadAs, Unread
from pricing.wine.text import fold

CLOSE_ENOUGH: Final = 75.0
"""Similarity (0 to 100) from which an unknown name is taken for a misspelling of a known one."""

DRAWER: Final = 4
"""Names are compared with those of the same first letter and about the same length only: a flood of
unknown producers would otherwise be compared with every known one."""

FEW_WORDS: Final = 3
KNOWN_SHARE: Final = 0.6
"""A description is doubted under this many known words, or this share of its words."""

_LANGUAGES: Final = "English, French, Italian, Spanish and German"
_UNKNOWN_LANGUAGE: Final = (
    "The note is in a language that the model does not read, so the price is that of a wine without a note."
)

LONGEST_SHOWN: Final = 60
"""Longer names are cut in messages."""

_ODD: Final = {
    LONG_NOTE: f"The note is longer than any tasting note: its first {LONGEST} telling words were read.",
    REPEATED_WORDS: "The note says the same words again and again: each counts once.",
    MARKUP: "The note holds HTML: its text was read without the tags.",
}

_NO_NARROWER: Final = "The interval is no narrower than without a note."

DOUBTS: Final = frozenset({"few_known_words", *_ODD})
"""Codes of notes that may lead astray: with one the interval is no narrower than without a note."""

REMEMBERED: Final = 4096
"""Unknown names whose warning is kept, so that repeated ones cost nothing."""


class NameWarnings:
    """Warnings about names: what they were read as; for unknown ones the nearest known spelling, except of
    wineries, whose neighbours are other houses: of these a namesake alone is asked about.
    """

    def __init__(self, categories: Mapping[str, Iterable[str]]) -> None:
        self._names: dict[str, dict[tuple[str, int], dict[str, str]]] = {}
        for field, names in categories.items():
            drawers = self._names.setdefault(field, {})
            for name in names:
                key = fold(name)
                drawers.setdefault((key[:1], len(key) // DRAWER), {})[key] = name
        self._memory: dict[Unread, RequestWarning] = {}

    def of(self, fact: Fact) -> RequestWarning:
        """The warning for a name that was read as another one, or as none."""
        if isinstance(fact, ReadAs):
            return _read_as(fact)
        warning = self._memory.get(fact)
        if warning is None:
            if len(self._memory) >= REMEMBERED:
                self._memory.clear()
            warning = self._memory[fact] = self._warning(fact)
        return warning

    def _warning(self, fact: Unread) -> RequestWarning:
        field, name, known = fact
        shown = name if len(name) <= LONGEST_SHOWN else name[: LONGEST_SHOWN - 1] + "…"
        nearest = known or (None if field == "winery" else self._nearest(field, fold(name)))
        hint = f"; did you mean {nearest}?" if nearest else "."
        return RequestWarning(
            code=f"unknown_{field}",
            field=field,
            message=f"The model does not know the {field} “{shown}” and does without it{hint}",
            suggestion=nearest,
        )

    def _nearest(self, field: str, key: str) -> str | None:
        """The known name that looks most like an unknown one. A name that is known, if not in the country
        that is given, has none: it is spelled as it is meant.
        """
        key = key[:60]
        drawers, size = self._names.get(field, {}), len(key) // DRAWER
        if key in drawers.get((key[:1], size), {}):
            return None
        best, likeness = None, CLOSE_ENOUGH
        for near in (size, size - 1, size + 1):
            names = drawers.get((key[:1], near), {})
            found = process.extractOne(key, names.keys(), scorer=fuzz.ratio, score_cutoff=likeness)
            if found:
                best, likeness = names[found[0]], found[1]
        return best


def _read_as(fact: ReadAs) -> RequestWarning:
    field, given, used = fact
    shown = given if len(given) <= LONGEST_SHOWN else given[: LONGEST_SHOWN - 1] + "…"
    message = f"The {field} “{shown}” was read as {used}."
    return RequestWarning("read_as", field, message, given=shown, used=used)


def of_note(language: str, known: int, total: int) -> list[RequestWarning]:
    """Warnings about a note of `total` words, `known` of which the model knows.

    Few known words are a warning in any language: the note is short, misspelled or about something else.
    """
    if not language:
        return [
            _of_note("no_note", "There is no tasting note: the price is that of a typical wine of its kind.")
        ]
    if language == UNKNOWN:
        return [_of_note("unknown_language", f"{_UNKNOWN_LANGUAGE} It reads {_LANGUAGES}.")]
    if known < max(FEW_WORDS, KNOWN_SHARE * total):
        message = f"The description has few words that the model knows ({known} of {total}). {_NO_NARROWER}"
        return [_of_note("few_known_words", message)]
    return []


def doubted(note: Sequence[RequestWarning]) -> bool:
    """Whether warnings about a note keep the interval from being narrower than without it."""
    return any(each.code in DOUBTS for each in note)


def odd_note(oddity: str) -> RequestWarning:
    """The warning about a note that is none as people write them."""
    return _of_note(oddity, f"{_ODD[oddity]} {_NO_NARROWER}")


def _of_note(code: str, message: str) -> RequestWarning:
    return RequestWarning(code=code, field="description", message=message)


def no_vintage() -> RequestWarning:
    return RequestWarning(
        code="no_vintage", field="millesime", message="Without a vintage the price is less certain."
    )


def vintage_out_of_range(year: int, first: int, last: int) -> RequestWarning:
    return RequestWarning(
        code="vintage_out_of_range",
        field="millesime",
        message=f"The vintage {year} is outside those the model has learned from ({first} to {last}).",
    )
