"""The inflected forms of a word of a lexicon, each with its English."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from pricing.wine.languages import french, german, italian, spanish
from pricing.wine.languages.english import (
    adverb,
    past_participle,
    plural,
    plural_person,
    present_participle,
    third_person,
)


class Form(NamedTuple):
    """A word as it stands in a text, its class and its English."""

    word: str
    kind: str
    english: str


class Grammar(NamedTuple):
    """How one language inflects. `noun` gives plurals; `adjective` gives all forms but the given one;
    `adverbs` and `superlatives` those derived from an adjective; `verb` the present third persons, the
    present participles, the past participles, and infinitives and futures.
    """

    noun: Callable[[list[str]], Iterator[str]]
    adjective: Callable[[list[str]], Iterator[str]]
    adverbs: Callable[[list[str]], Iterator[str]]
    superlatives: Callable[[list[str]], Iterator[str]]
    verb: Callable[[list[str]], tuple[list[str], list[str], list[str], list[str], list[str]]]


GRAMMARS: Final = {
    "fr": Grammar(french.noun, french.adjective, french.adverbs, french.superlatives, french.verb),
    "it": Grammar(italian.noun, italian.adjective, italian.adverbs, italian.superlatives, italian.verb),
    "es": Grammar(spanish.noun, spanish.adjective, spanish.adverbs, spanish.superlatives, spanish.verb),
    "de": Grammar(german.noun, german.adjective, german.adverbs, german.superlatives, german.verb),
}

NOUNS: Final = frozenset("nf")
"""Classes of nouns: n in general, f what is smelled and tasted (a fruit, a flower, leather)."""


def forms_of(parts: list[str], kind: str, english: str, language: str) -> Iterator[Form]:
    """All forms of an entry; the given ones first. `parts` are the given forms of one word."""
    grammar = GRAMMARS[language]
    if kind in NOUNS:
        yield Form(parts[0], kind, english)
        for word in grammar.noun(parts):
            yield Form(word, kind, plural(english))
    elif kind == "a":
        for word in (parts[0], *grammar.adjective(parts)):
            yield Form(word, kind, english)
        for word in grammar.adverbs(parts):
            yield Form(word, "r", adverb(english))
        for word in grammar.superlatives(parts):
            yield Form(word, kind, f"very {english}")
    elif kind == "m":
        for word in parts:
            yield Form(word, "v", english)
    elif kind == "v":
        yield from _verb_forms(grammar.verb(parts), english)
    else:
        for word in parts:
            yield Form(word, kind, english)


def _verb_forms(
    given: tuple[list[str], list[str], list[str], list[str], list[str]], english: str
) -> Iterator[Form]:
    singular, many, present, past, infinitive = given
    for words, kind, shown in (
        (singular, "v", third_person(english)),
        (infinitive, "v", english),
        (many, "v", plural_person(english)),
        (present, "g", present_participle(english)),
        (past, "q", past_participle(english)),
    ):
        for word in words:
            yield Form(word, kind, shown)
