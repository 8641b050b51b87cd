"""German inflection."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

ADJECTIVE_ENDINGS: Final = ("e", "er", "en", "em", "es")
_PREFIXES: Final = ("be", "ent", "er", "ver", "zer", "ge", "emp")
_SEPARABLE: Final = (
    "ab", "an", "auf", "aus", "bei", "durch", "ein", "heran", "hervor", "mit", "nach", "unter", "vor", "weg",
    "zu", "zurück", "zusammen", "fort", "hin", "her", "um", "über",
)  # fmt: skip
_EITHER: Final = ("durch", "hinter", "um", "unter", "wider", "über")
"""Prefixes that some verbs keep: "unterstützt", but "untergetaucht"."""


def noun(parts: list[str]) -> Iterator[str]:
    """Plurals; where none is given, all that could be one, and the genitive and dative."""
    word = parts[0]
    if len(parts) > 1:
        for many in parts[1:]:
            yield many
            if not many.endswith(("n", "s")):
                yield many + "n"
        return
    endings = ("n",) if word.endswith("e") else ("e", "en", "er", "n", "s")
    for ending in endings:
        yield word + ending


def adjective(parts: list[str]) -> Iterator[str]:
    """Endings of the word, its comparative and superlative."""
    yield from parts[1:]
    for word in parts:
        stem = word.removesuffix("e")
        stems = [stem]
        if stem.endswith("el"):
            stems.append(stem[:-2] + "l")
        if stem.endswith("er"):
            stems.append(stem[:-2] + "r")
        for each in stems:
            for ending in ADJECTIVE_ENDINGS:
                yield each + ending
        for degree in ("er", "st", "est"):
            for ending in ADJECTIVE_ENDINGS:
                yield stem + degree + ending


def adverbs(_parts: list[str]) -> Iterator[str]:
    yield from ()


def superlatives(_parts: list[str]) -> Iterator[str]:
    yield from ()


def verb(parts: list[str]) -> tuple[list[str], list[str], list[str], list[str], list[str]]:
    """Given: infinitive, then for strong ones third person, past participle and preterite."""
    infinitive = parts[0]
    stem = infinitive[:-2] if infinitive.endswith("en") else infinitive[:-1]
    prefix = next((each for each in _SEPARABLE if stem.startswith(each) and len(stem) > len(each) + 2), "")
    bare = stem[len(prefix) :]
    link = "e" if stem.endswith(("t", "d")) else ""
    one = parts[1] if len(parts) > 1 else stem + link + "t"
    inner = bare if stem.startswith(_PREFIXES) or stem.endswith("ier") else "ge" + bare
    pasts = [parts[2] if len(parts) > 2 else prefix + inner + link + "t"]  # noqa: PLR2004
    if stem.startswith(_EITHER) and len(parts) == 1:
        pasts.append(stem + link + "t")
    endings = ("", *ADJECTIVE_ENDINGS)
    presents = [infinitive + "d" + ending for ending in endings]
    singular = [one, stem + link + "te", stem + "e"]
    many = [stem + link + "ten"]
    if len(parts) > 3:  # noqa: PLR2004
        singular.append(parts[3])
        many.append(parts[3] + ("n" if parts[3].endswith("e") else "en"))
    participles = [past + ending for past in pasts for ending in endings]
    return singular, many, presents, participles, [infinitive]
