"""Countries' names in the languages that requests are read in, from Unicode's CLDR as Babel ships it.

`python -m deployments.ci.country_names` writes `pricing/wine/places/data/countries.tsv`, so that the service
needs no Babel. A test holds the file and Babel together.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.languages import get_official_languages

from pricing.wine.places.tables import LANGUAGES

TABLE: Final = Path(__file__).parents[2] / "pricing" / "wine" / "places" / "data" / "countries.tsv"
_CODE_LENGTH: Final = 2


def table() -> str:
    """The table: ISO 3166 codes of two and three letters, names by language, the country's own names."""
    names = {language: dict(Locale(language).territories) for language in LANGUAGES}
    codes = sorted(code for code in map(str, names["en"]) if len(code) == _CODE_LENGTH and code.isalpha())
    longer = _longer_codes()
    lines = ["\t".join(("code", *LANGUAGES, "local", "alpha3"))]
    for code in codes:
        if code in longer:
            shown = [str(names[language][code]) for language in LANGUAGES]
            lines.append("\t".join((code, *shown, _local(code), longer[code])))
    return "\n".join(lines) + "\n"


def _longer_codes() -> dict[str, str]:
    """Code of two letters → those of three that CLDR lists for it, former ones among them."""
    longer: dict[str, list[str]] = {}
    for alias, codes in sorted(get_global("territory_aliases").items()):
        if len(alias) == _CODE_LENGTH + 1 and alias.isalpha() and len(codes) == 1:
            longer.setdefault(codes[0], []).append(alias)
    return {code: "; ".join(aliases) for code, aliases in longer.items()}


def _local(code: str) -> str:
    """The names that the country has in its own languages."""
    found = []
    for language in get_official_languages(code, de_facto=True):
        try:
            name = Locale.parse(language).territories.get(code)
        except (UnknownLocaleError, ValueError):
            continue
        if name and name not in found:
            found.append(name)
    return "; ".join(found)


if __name__ == "__main__":
    TABLE.write_text(table(), encoding="utf-8")
