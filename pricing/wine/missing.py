"""Words that programs and people write where there is no value: one list for every column and reader."""

from __future__ import annotations

from typing import Final

MISSING_WORDS: Final = frozenset(
    {
        "", "nan", "-nan", "#nan", "null", "(null)", "na", "n/a", "n.a.", "#n/a", "<na>", "nat", "none",
        "nil", "\\n", "-", "--", "---", "\u2013", "\u2014", "#null!", "#value!", "#ref!", "#name?", "#div/0!",
    }
)  # fmt: skip
"""In lower case, without surrounding space: those of pandas, R, SQL, Spark, Excel and of people."""

_NOTHING: Final = frozenset({"NAType", "NaTType"})
_LONGEST: Final = max(map(len, MISSING_WORDS))


def is_missing(text: str) -> bool:
    """Whether a cell says that there is no value. Blanks do; case and surrounding space do not matter."""
    text = text.strip()
    return len(text) <= _LONGEST and text.lower() in MISSING_WORDS


def is_nothing(value: object) -> bool:
    """None, NaN, and the like of pandas (NA, NaT), which cannot be compared."""
    return value is None or type(value).__name__ in _NOTHING or bool(value != value)  # noqa: PLR0124 - NaN


def text_of(value: object) -> str | None:
    """A cell of any reader as text without surrounding space; None where there is no value."""
    if is_nothing(value):
        return None
    text = str(value).strip()
    return None if is_missing(text) else text
