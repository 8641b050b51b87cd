"""Misspelled names: a few slips, and only one name that could be meant."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

SHORTEST: Final = 5
"""Shorter names are too near to one another."""

TWO_SLIPS: Final = 9
"""From this length on, a name may have two wrong letters."""

LONGEST: Final = 60


class NearNames:
    """Finds the one key that is a slip away from a misspelled one.

    Names are compared with those of the same first letter and about the same length only, so that a
    flood of unknown names costs little.
    """

    def __init__(self, keys: Iterable[str]) -> None:
        self._drawers: dict[tuple[str, int], list[str]] = {}
        for name in keys:
            self._drawers.setdefault((name[:1], len(name)), []).append(name)

    def find(self, name: str) -> str | None:
        """The nearest key; None where there is none near, or several alike."""
        if not SHORTEST <= len(name) <= LONGEST:
            return None
        slips = 2 if len(name) >= TWO_SLIPS else 1
        near = [
            other
            for size in range(len(name) - slips, len(name) + slips + 1)
            for other in self._drawers.get((name[:1], size), ())
        ]
        found = process.extract(name, near, scorer=OSA.distance, score_cutoff=slips, limit=2)
        if not found or (len(found) > 1 and found[0][1] == found[1][1]):
            return None
        return found[0][0]
