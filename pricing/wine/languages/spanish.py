"""Spanish inflection. Accents that an ending changes do not matter: such forms are found without."""

from __future__ import annotations

from collections.abc import Iterator


def noun(parts: list[str]) -> Iterator[str]:
    yield from parts[1:] or [_plural(parts[0])]


def adjective(parts: list[str]) -> Iterator[str]:
    word = parts[0]
    yield from parts[1:]
    yield _plural(word)
    feminine = _feminine(word)
    if feminine:
        yield feminine
        yield feminine + "s"


def adverbs(parts: list[str]) -> Iterator[str]:
    if " " not in parts[0]:
        yield (_feminine(parts[0]) or parts[0]) + "mente"


def superlatives(parts: list[str]) -> Iterator[str]:
    """`fresco` → `fresquisimo`, and its other forms."""
    word = parts[0]
    if " " in word:
        return
    stem = word[:-1] if word[-1] in "aeo" else word
    stem = stem[:-1] + "qu" if stem.endswith("c") else stem + "u" if stem.endswith("g") else stem
    for ending in ("o", "a", "os", "as"):
        yield f"{stem}isim{ending}"


def verb(parts: list[str]) -> tuple[list[str], list[str], list[str], list[str], list[str]]:
    """Given: infinitive, then for irregular ones third persons, past participle and gerund."""
    infinitive = parts[0]
    stem, ending = infinitive[:-2], infinitive[-2:]
    if len(parts) > 1:
        _, one, many, past, gerund = parts
    elif ending == "ar":
        one, many, past, gerund = stem + "a", stem + "an", stem + "ado", stem + "ando"
    else:
        one, many, past, gerund = stem + "e", stem + "en", stem + "ido", stem + "iendo"
    pasts = [past, past[:-1] + "a", past + "s", past[:-1] + "as"]
    later = [infinitive + "a", infinitive + "an", infinitive + "ia"]
    return [one], [many], [gerund], pasts, [infinitive, infinitive + "se", *later]


def _plural(word: str) -> str:
    if word[-1] in "aeiou":
        return word + "s"
    if word.endswith("z"):
        return word[:-1] + "ces"
    return word if word.endswith("s") and len(word) > 5 else word + "es"  # noqa: PLR2004 (lunes, crisis)


def _feminine(word: str) -> str:
    if word.endswith("o"):
        return word[:-1] + "a"
    return word + "a" if word.endswith(("or", "on", "an", "es")) else ""
