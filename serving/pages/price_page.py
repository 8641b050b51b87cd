"""The page at `/`: built once per language, the same bytes for everybody."""

from __future__ import annotations

import json
from functools import cache
from typing import Final

from pricing.wine.schema import REQUIRED_FIELDS
from serving.pages.assets import digest
from serving.pages.language import LANGUAGES, local_names, phrases
from serving.pages.template import render

FIELD_TEMPLATES: Final = {
    "country": "combobox.html",
    "province": "combobox.html",
    "description": "note.html",
    "millesime": "text.html",
    "variety": "combobox.html",
    "winery": "combobox.html",
    "region": "combobox.html",
    "designation": "text.html",
    "points": "text.html",
}


@cache
def price_page(language: str) -> bytes:
    """The HTML of the page in one of `LANGUAGES`."""
    words = phrases(language)
    current = {other: ' aria-current="true"' if other == language else "" for other in LANGUAGES}
    values = {
        **words,
        "language": language,
        "assets": f"assets/{digest()}",
        "phrases": _script_data(language),
        **{f"current.{other}": mark for other, mark in current.items()},
        **{f"field.{name}": _field(name, words) for name in FIELD_TEMPLATES},
    }
    return render("price.html", values).encode()


def _field(name: str, words: dict[str, str]) -> str:
    required = name in REQUIRED_FIELDS
    values = {
        "name": name,
        "label": words[f"field.{name}"],
        "hint": words[f"field.{name}.hint"],
        "mark": '<span class="required" aria-hidden="true"> *</span>' if required else "",
        "required": ' aria-required="true"' if required else "",
    }
    return render(FIELD_TEMPLATES[name], values)


def _script_data(language: str) -> str:
    """What the scripts of the page say, as JSON that cannot end the element it stands in."""
    words = {key: text for key, text in phrases(language).items() if not key.startswith("page.")}
    data = {"language": language, "phrases": words, "names": local_names(language)}
    return json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")
