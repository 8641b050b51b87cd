"""Italian inflection. Accents that an ending changes do not matter: such forms are found without."""

from __future__ import annotations

from collections.abc import Iterator


def noun(parts: list[str]) -> Iterator[str]:
    yield from parts[1:] or _plurals(parts[0])


def adjective(parts: list[str]) -> Iterator[str]:
    word = parts[0]
    yield from parts[1:]
    yield from _plurals(word)
    if word.endswith("o"):
        yield word[:-1] + "a"
        yield from _plurals(word[:-1] + "a")


def adverbs(parts: list[str]) -> Iterator[str]:
    """`leggero` → `leggermente`, `lento` → `lentamente`, `sottile` → `sottilmente`."""
    word = parts[0]
    if " " in word:
        return
    if word.endswith("o"):
        yield word[:-1] + "amente"
        if word.endswith(("lo", "ro")):
            yield word[:-1] + "mente"
    elif word.endswith("e"):
        yield (word[:-1] if word.endswith(("le", "re")) else word) + "mente"


def superlatives(parts: list[str]) -> Iterator[str]:
    """`fresco` → `freschissimo`, and its other forms."""
    word = parts[0]
    if word[-1] not in "oe" or " " in word:
        return
    stem = word[:-1]
    stem += "h" if word.endswith(("co", "go")) else ""
    stem = stem.removesuffix("i")
    for ending in "oaie":
        yield f"{stem}issim{ending}"


def verb(parts: list[str]) -> tuple[list[str], list[str], list[str], list[str], list[str]]:
    """Given: infinitive, then for irregular ones third persons, past participle and gerund."""
    infinitive = parts[0]
    stem, ending = infinitive[:-3], infinitive[-3:]
    if len(parts) > 1:
        _, one, many, past, gerund = parts
        ones, manies = [one], [many]
    elif ending == "are":
        ones, manies, past, gerund = [stem + "a"], [stem + "ano"], stem + "ato", stem + "ando"
    elif ending == "ire":
        ones, manies = [stem + "e", stem + "isce"], [stem + "ono", stem + "iscono"]
        past, gerund = stem + "ito", stem + "endo"
    else:
        ones, manies, past, gerund = [stem + "e"], [stem + "ono"], stem + "uto", stem + "endo"
    present = gerund[:-2] + "te"
    future = infinitive[:-1] if ending != "are" else stem + "er"
    pasts = [past[:-1] + last for last in "oaie"] if past.endswith("o") else [past]
    later = [infinitive, infinitive[:-1], future + "a", future + "anno", future + "ebbe"]
    return ones, manies, [gerund, present, present[:-1] + "i"], pasts, later


def _plurals(word: str) -> list[str]:
    stem, last = word[:-1], word[-1]
    if last == "o":
        if word.endswith(("co", "go")):
            return [stem + "hi", stem + "i"]
        return [stem] if word.endswith("io") else [stem + "i"]
    if last == "a":
        if word.endswith(("ca", "ga")):
            return [stem + "he", stem + "hi"]
        return [stem[:-1] + "e", stem + "e"] if word.endswith(("cia", "gia")) else [stem + "e", stem + "i"]
    return [stem + "i"] if last == "e" else []
