"""No regular expression that the service uses takes more than a moment, however long a client's text is."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator

import msgspec
import pytest

import pricing.model
import pricing.scoring
import pricing.wine
import serving
from pricing.wine.request import Wine

LENGTH = 200_000
"""Characters: what backtracks takes minutes for so many, and the time limit of the tests ends it."""

PIECES = (
    " ",
    "0",
    "9",
    "a",
    "A",
    "é",
    "-",
    ".",
    ",",
    "'",
    "19",
    "201",
    "92 ",
    "a ",
    " \n",
    "{{ ",
    "é ",
    "x=sha256:",
)
TAILS = ("", "x", "!", "\0", "2")


def modules() -> Iterator[object]:
    for package in (pricing.wine, pricing.model, pricing.scoring, serving):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.endswith("__main__"):
                yield importlib.import_module(found.name)


def patterns() -> dict[str, re.Pattern[str] | re.Pattern[bytes]]:
    found: dict[str, re.Pattern[str] | re.Pattern[bytes]] = {}
    for module in modules():
        for name, value in vars(module).items():
            for number, one in enumerate(value if isinstance(value, tuple) else (value,)):
                if isinstance(one, re.Pattern):
                    found[f"{module.__name__}.{name}.{number}"] = one  # type: ignore[attr-defined]
    return found


PATTERNS = patterns()


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", sorted(PATTERNS))
def test_a_pattern_does_not_backtrack(name: str) -> None:
    pattern = PATTERNS[name]
    for piece in PIECES:
        for tail in TAILS:
            text = piece * (LENGTH // len(piece)) + tail
            given = text.encode() if isinstance(pattern.pattern, bytes) else text
            pattern.match(given)  # type: ignore[arg-type]
            pattern.fullmatch(given)  # type: ignore[arg-type]
            pattern.search(given)  # type: ignore[arg-type]


@pytest.mark.timeout(60)
@pytest.mark.parametrize("field", [field.name for field in msgspec.structs.fields(Wine)])
def test_a_field_of_a_wine_takes_any_length(field: str) -> None:
    (described,) = [one for one in msgspec.structs.fields(Wine) if one.name == field]
    for piece in PIECES:
        for tail in TAILS:
            with pytest.raises(msgspec.ValidationError):
                msgspec.convert(piece * LENGTH + tail, described.type)
