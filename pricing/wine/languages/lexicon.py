"""The lexicons of tasting notes: files of words and fixed expressions with their English.

`data/xx.tsv` holds one entry per line: word, class, English. A word is given as dictionaries list it;
`forms` adds its plurals, endings and conjugations. Irregular forms follow after slashes. Classes:
n noun, f noun that is smelled or tasted, a adjective, v verb, m one form of a verb, q past participle,
r adverb, d determiner, p preposition, o "of", c conjunction, x anything else. A word without English is
understood and left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

from pricing.wine.languages.forms import Form, forms_of
from pricing.wine.text import fold, words_of

TRANSLATED: Final = ("fr", "it", "es", "de")
"""The languages that are read besides English, by their ISO 639 codes."""

FUNCTION_WORDS: Final = frozenset("dpocx")
"""Classes of the words that any text of a language holds."""


class Sense(NamedTuple):
    """One meaning of a word: its class and its English."""

    kind: str
    english: str


class Expression(NamedTuple):
    """What follows the first word of a fixed expression, and what the whole says."""

    rest: tuple[str, ...]
    sense: Sense


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What one language says about wine. `words`: form → its senses, with its accents, and without them
    where that is not another word. `expressions`: first word (folded) → expressions, longest first.
    """

    language: str
    words: dict[str, tuple[Sense, ...]]
    expressions: dict[str, tuple[Expression, ...]]

    def senses(self, written: str, folded: str) -> tuple[Sense, ...]:
        """Senses of a word in lower case; () for one that is not in the lexicon."""
        return self.words.get(written) or self.words.get(folded) or ()


@cache
def lexicon(language: str) -> Lexicon:
    """The lexicon of one of `TRANSLATED`."""
    words: dict[str, tuple[Sense, ...]] = {}
    bare: dict[str, tuple[Sense, ...]] = {}
    expressions: dict[str, dict[tuple[str, ...], Sense]] = {}
    senses: dict[tuple[str, str], Sense] = {}
    for word, kind, english in (*_forms(language), *_names()):
        sense = senses.get((kind, english))
        if sense is None:
            sense = senses[kind, english] = Sense(kind, english)
        if not word.isalpha():
            first, *rest = words_of(word)
            expressions.setdefault(first, {}).setdefault(tuple(rest), sense)
            continue
        _add(words, word, sense)
        if not word.isascii():
            _add(bare, fold(word), sense)
    words = bare | words
    return Lexicon(language, words, {first: _longest_first(found) for first, found in expressions.items()})


def _add(words: dict[str, tuple[Sense, ...]], form: str, sense: Sense) -> None:
    known = words.get(form, ())
    if all(each.kind != sense.kind for each in known):
        words[form] = (*known, sense)


@cache
def names() -> frozenset[str]:
    """Words of the names of grapes and wines, which are the same in all languages."""
    return frozenset(word for name in _text("names.txt").splitlines() for word in words_of(name))


@cache
def words_of_others() -> dict[str, frozenset[str]]:
    """Frequent words of languages that are not read, by their code: their notes are not taken for others."""
    lines = (line.split("\t") for line in _text("others.tsv").splitlines()[1:])
    return {code: frozenset(words_of(words)) for code, words in lines}


@cache
def english_words() -> frozenset[str]:
    """English words of tasting notes: those that the lexicons translate to, and those of `data/en.txt`."""
    texts = {_text("en.txt")}
    for language in TRANSLATED:
        texts.update(english for _, _, english in _entries(language))
        texts.update(sense.english for senses in lexicon(language).words.values() for sense in senses)
    return frozenset(word for text in texts for word in text.split())


def _longest_first(found: dict[tuple[str, ...], Sense]) -> tuple[Expression, ...]:
    expressions = [Expression(rest, sense) for rest, sense in found.items()]
    return tuple(sorted(expressions, key=lambda each: -len(each.rest)))


def _forms(language: str) -> Iterator[Form]:
    """Words as they are given first, so that no inflected form takes the place of one."""
    entries = list(_entries(language))
    for parts, kind, english in entries:
        yield next(forms_of(parts, kind, english, language))
    for parts, kind, english in entries:
        yield from forms_of(parts, kind, english, language)


def _names() -> Iterator[Form]:
    """Names of grapes and wines, which are the same in all languages."""
    for name in _text("names.txt").splitlines():
        yield Form(name, "n", name)


def _entries(language: str) -> Iterator[tuple[list[str], str, str]]:
    for line in _text(f"{language}.tsv").splitlines()[1:]:
        word, kind, english = line.split("\t")
        yield [part.strip().lower().replace("ß", "ss") for part in word.split("/")], kind, _folded(english)


def _folded(english: str) -> str:
    return english if english.isalpha() and english.islower() else " ".join(words_of(english))


def _text(name: str) -> str:
    return (files("pricing.wine.languages") / "data" / name).read_text(encoding="utf-8")
