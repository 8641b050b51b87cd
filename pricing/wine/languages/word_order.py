"""From a note's words in their own order to English phrases: "cerise noire mûre" → "ripe black cherry"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Final, NamedTuple

from pricing.wine.languages.english import singular
from pricing.wine.languages.forms import NOUNS
from pricing.wine.languages.lexicon import Sense

PAUSE: Final = ","
STOP: Final = "."
"""Classes of the marks between words: within a sentence, and at its end."""

DESCRIBING: Final = frozenset("aq")
"""Adjectives and past participles."""

HOLDERS: Final = frozenset({"flavor", "flavors", "aroma", "aromas", "scent", "scents"})
"""What one names the thing smelled or tasted before: "saveurs de cerise" → "cherry flavors"."""

COMPLEMENTS: Final = frozenset({"in", "to"})
"""Prepositions that a plain adjective may govern: "riche en", "vicino a"."""

LISTED: Final = frozenset({"flavor", "flavors"})
"""Those that reviews put after a whole list: "cherry, plum and spice flavors"."""

LONGEST: Final = 16
_ONE: Final = re.compile("o[ar]*f")
_LIST: Final = re.compile(r"\Ao?[ar]*f(?:[,c]+o?[ar]*f)*")
"""Classes of one thing after "of", and of a list of things."""

_VOWELS: Final = "aeio"
BEFORE_INFINITIVES: Final = (("with",), ("for",), ("by",))
"""English of prepositions that stand before infinitives."""

_KEEPS_OF: Final = frozenset("nfaqg")


class Phrase(NamedTuple):
    """Consecutive words; `kind` is that of what they amount to."""

    kind: str
    words: tuple[str, ...]


TO: Final = Phrase("p", ("to",))


def english_order(senses: Sequence[Sense], *, adjectives_follow: bool) -> list[str]:
    """English words of a note, from the senses of its words and the marks between them. `adjectives_follow`
    where the language puts them after their noun; in German what follows is a participle of its own: "auf der
    Hefe gereift".
    """
    described = _noun_phrases(senses) if adjectives_follow else map(_phrase, senses)
    phrases = _infinitives(_without_articles(list(described)))
    words = [word for phrase in _compounded(phrases) for word in phrase.words]
    return [_article(word, following) for word, following in zip_longest(words, words[1:], fillvalue="")]


def _without_articles(phrases: Sequence[Phrase]) -> list[Phrase]:
    """The phrases without "the" before what there are several of: "les tanins sont" → "tannins are"."""
    return [
        phrase
        for phrase, following in zip_longest(phrases, phrases[1:])
        if not (following and phrase.words == ("the",) and following.kind in NOUNS and _is_plural(following))
    ]


def _infinitives(phrases: Sequence[Phrase]) -> list[Phrase]:
    """The phrases with "to" before infinitives: "à boire", "para disfrutar"."""
    return [
        TO
        if following and following.kind == "v" and phrase.kind == "p" and phrase.words in BEFORE_INFINITIVES
        else phrase
        for phrase, following in zip_longest(phrases, phrases[1:])
        if phrase is not None
    ]


def _is_plural(phrase: Phrase) -> bool:
    return singular(phrase.words[-1]) != phrase.words[-1]


def _article(word: str, following: str) -> str:
    return "an" if word == "a" and following[:1] in _VOWELS and following else word


def _phrase(sense: Sense) -> Phrase:
    return Phrase(sense.kind, tuple(sense.english.split()))


def _noun_phrases(senses: Sequence[Sense]) -> Iterator[Phrase]:
    """Adjectives that follow a noun, moved before it; the rest as it is."""
    place = 0
    while place < len(senses):
        sense = senses[place]
        if sense.kind not in NOUNS:
            yield _phrase(sense)
            place += 1
            continue
        end = _end_of_adjectives(senses, place + 1)
        described = [*_reversed(senses[place + 1 : end]), *sense.english.split()]
        yield Phrase(sense.kind, tuple(described))
        place = end


def _end_of_adjectives(senses: Sequence[Sense], start: int) -> int:
    """Where the adjectives after a noun end: "fins, soyeux et très longs", but not "portés par"."""
    end = place = start
    while place < len(senses):
        if place > start and senses[place].kind in "c,":
            place += 1
        while place < len(senses) and senses[place].kind == "r":
            place += 1
        if place >= len(senses) or senses[place].kind not in DESCRIBING or _governs(senses, place):
            return end
        joined = senses[end].kind in "c," if end > start else False
        place += 1
        if joined and place < len(senses) and senses[place].kind in NOUNS:
            return end
        end = place
    return end


def _governs(senses: Sequence[Sense], place: int) -> bool:
    """Whether an adjective has a complement of its own: "riche en", "porté par"."""
    following = senses[place + 1] if place + 1 < len(senses) else Sense(STOP, "")
    if senses[place].kind == "q":
        return following.kind in "po"
    return following.kind == "p" and following.english in COMPLEMENTS


def _reversed(adjectives: Sequence[Sense]) -> list[str]:
    """Adjectives as English places them: the one nearest to the noun stays so; lists keep their order."""
    if any(sense.kind in "c," for sense in adjectives):
        return [word for sense in adjectives for word in sense.english.split()]
    groups: list[list[str]] = [[]]
    for sense in adjectives:
        groups[-1] += sense.english.split()
        if sense.kind in DESCRIBING:
            groups.append([])
    return [word for group in reversed(groups) for word in group]


def _compounded(phrases: Sequence[Phrase]) -> Iterator[Phrase]:
    """Nouns joined by "of" as one: "confiture de fraise" → "strawberry jam". An "of" after no word goes."""
    place = 0
    previous = STOP
    while place < len(phrases):
        phrase = phrases[place]
        end = _end_of_compound(phrases, place)
        if end > place:
            inner = [word for each in phrases[place + 2 : end] for word in _attributive(each)]
            yield Phrase("f", (*inner, *phrase.words))
            place, previous = end, "f"
            continue
        if phrase.kind != "o":
            yield phrase
        elif previous in _KEEPS_OF:
            yield Phrase("o", ("with" if previous == "q" else "of",))
        previous = phrase.kind
        place += 1


def _attributive(phrase: Phrase) -> tuple[str, ...]:
    """A phrase as it stands before a noun: in the singular, without its "of"."""
    if phrase.kind in "od":
        return ()
    return (*phrase.words[:-1], singular(phrase.words[-1])) if phrase.kind == "f" else phrase.words


def _end_of_compound(phrases: Sequence[Phrase], place: int) -> int:
    """Where a noun, "of" and what follows end that are one thing; `place` itself where they are not.

    A holder or food is joined with one thing smelled or tasted; flavors with a whole list of them.
    """
    head = phrases[place]
    holds = head.kind in NOUNS and (head.kind == "f" or head.words[-1] in HOLDERS)
    kinds = "".join(
        phrase.kind if len(phrase.kind) == 1 else "x" for phrase in phrases[place + 1 :][:LONGEST]
    )
    single = _ONE.match(kinds)
    if not holds or not single:
        return place
    several = _LIST.match(kinds)
    if several and several.end() > single.end():
        return place + 1 + several.end() if head.words[-1] in LISTED else place
    return place + 1 + single.end()
