"""What the template of the page at `/` is filled with."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from pricing.wine.places.display import local_names
from pricing.wine.request import MAX_NAME_LENGTH, MAX_NOTE_LENGTH
from pricing.wine.schema import FIELDS
from pricing.wine.years import NON_VINTAGE_WORDS
from serving.pages.language import LANGUAGES, phrases

LIMITS: Final = {**dict.fromkeys(FIELDS, MAX_NAME_LENGTH), "description": MAX_NOTE_LENGTH}
"""Characters that the service takes in each field."""


@cache
def price_page(language: str) -> dict[str, Any]:
    """The values of `price.html` in one of `LANGUAGES`; `phrases` is what the scripts say."""
    words = phrases(language)
    said = {key: text for key, text in words.items() if not key.startswith("page.")}
    return {
        "language": language,
        "languages": LANGUAGES,
        "t": words.__getitem__,
        "limits": LIMITS,
        "phrases": {
            "language": language,
            "phrases": said,
            "names": local_names(language),
            "noVintage": sorted(NON_VINTAGE_WORDS),
        },
    }
