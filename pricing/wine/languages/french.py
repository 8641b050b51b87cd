"""French inflection. Accents that an ending changes do not matter: such forms are found without accents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

_FEMININE: Final = (
    ("eux", "euse"), ("oux", "ouce"), ("if", "ive"), ("el", "elle"), ("eil", "eille"), ("en", "enne"),
    ("on", "onne"), ("er", "ere"), ("et", "ette"), ("teur", "trice"), ("eur", "euse"), ("anc", "anche"),
    ("e", "e"),
)  # fmt: skip


def noun(parts: list[str]) -> Iterator[str]:
    yield from parts[1:] or [_plural(parts[0])]


def adjective(parts: list[str]) -> Iterator[str]:
    feminine = parts[1] if len(parts) > 1 else _feminine(parts[0])
    yield feminine
    yield _plural(parts[0])
    yield feminine + "s"
    yield from parts[2:]


def adverbs(parts: list[str]) -> Iterator[str]:
    """`legere` → `legerement`, `elegant` → `elegamment`, `vrai` → `vraiment`."""
    word = parts[0]
    if " " in word:
        return
    if word.endswith(("ant", "ent")):
        yield word[:-2] + "mment"
    yield (parts[1] if len(parts) > 1 else _feminine(word)) + "ment"
    if word[-1] in "aeiu":
        yield word + "ment"


def superlatives(_parts: list[str]) -> Iterator[str]:
    yield from ()


def verb(parts: list[str]) -> tuple[list[str], list[str], list[str], list[str], list[str]]:
    """Given: infinitive, then for irregular ones third persons, past and present participle."""
    infinitive = parts[0]
    if len(parts) > 1:
        _, one, many, past, present = parts
    elif infinitive.endswith("er"):
        one, many, past, present = _first_group(infinitive[:-2])
    elif infinitive.endswith("re"):
        stem = infinitive[:-2]
        one, many, past, present = stem, stem + "ent", stem + "u", stem + "ant"
    else:
        stem = infinitive[:-2]
        one, many, past, present = stem + "it", stem + "issent", stem + "i", stem + "issant"
    future = infinitive.removesuffix("e")
    pasts = [past, past + "e", past if past.endswith("s") else past + "s", past + "es"]
    stem = present.removesuffix("ant")
    later = [future + "a", future + "ont", future + "ait", future + "aient"]
    return [one, stem + "ait"], [many, stem + "aient"], [present], pasts, [infinitive, *later]


def _first_group(stem: str) -> tuple[str, str, str, str]:
    soft = stem + "e" if stem.endswith("g") else stem
    if stem.endswith(("oy", "uy")):
        return stem[:-1] + "ie", stem[:-1] + "ient", stem + "é", stem + "ant"
    return stem + "e", stem + "ent", stem + "é", soft + "ant"


def _plural(word: str) -> str:
    if word.endswith(("s", "x", "z")):
        return word
    if word.endswith(("au", "eu")):
        return word + "x"
    return word[:-2] + "aux" if word.endswith("al") else word + "s"


def _feminine(word: str) -> str:
    for ending, feminine in _FEMININE:
        if word.endswith(ending):
            return word[: -len(ending)] + feminine
    return word + "e"
