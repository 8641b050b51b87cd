"""A note of another language, word by word and expression by expression, in English."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from pricing.wine.languages.compounds import compound
from pricing.wine.languages.english import adverb
from pricing.wine.languages.forms import NOUNS
from pricing.wine.languages.german import ADJECTIVE_ENDINGS
from pricing.wine.languages.lexicon import Lexicon, Sense, english_words
from pricing.wine.languages.spelling import corrected
from pricing.wine.languages.word_order import DESCRIBING, PAUSE, STOP, english_order
from pricing.wine.text import fold

_TOKEN: Final = re.compile(r"[^\W\d_]+|\d+|[.,;:!?()\n…•]|(?<=\s)[-\u2013\u2014](?=\s)")
_STOPS: Final = frozenset(".;:!?\n…•")
_MARKS: Final = frozenset(".,;:!?()\n…•-\u2013\u2014")
_GERMAN: Final = "de"

PRO_DROP: Final = frozenset({"it", "es"})
"""Languages whose sentences begin with the verb where English has "it"."""

IT: Final = Sense("x", "it")

_FIRST: Final = "dopcnfaqgvrx"
_AFTER_NOUN: Final = "dopcaqrvgxnf"
_AFTER_VERB: Final = "dopcqrnfavgx"
"""Which class a word of several is taken for: at first and after articles, after nouns, after verbs."""

REMEMBERED: Final = 4096

_UMLAUTS: Final = (("ae", "a"), ("oe", "o"), ("ue", "u"))


class Token(NamedTuple):
    """A word or mark of the text: as written, in lower case, and folded."""

    written: str
    lower: str
    folded: str


class Understood(NamedTuple):
    """A text's senses in its order, and of each word or expression that has one: its first token, its length
    in tokens, its sense. Of `n_words` words `n_known` were understood.
    """

    senses: list[Sense]
    origins: list[tuple[int, int, Sense]]
    n_words: int
    n_known: int


def translated(text: str, known: Lexicon) -> tuple[list[str], int, int]:
    """English words of the text, how many words it has, how many of them were understood."""
    found = _understood([_token(written) for written in _TOKEN.findall(text)], known)
    words = english_order(found.senses, adjectives_follow=known.language != _GERMAN)
    return words, found.n_words, found.n_known


def sources(text: str, known: Lexicon) -> dict[str, str]:
    """English word → the words of the text that say it, as they are written, where they come first."""
    matches = list(_TOKEN.finditer(text))
    found: dict[str, str] = {}
    for place, taken, sense in _understood([_token(each.group()) for each in matches], known).origins:
        written = text[matches[place].start() : matches[place + taken - 1].end()]
        if known.language != _GERMAN and (place == 0 or matches[place - 1].group() in _STOPS):
            written = written[0].lower() + written[1:]
        for word in sense.english.split():
            found.setdefault(word, " ".join(written.split()))
    return found


def _understood(tokens: Sequence[Token], known: Lexicon) -> Understood:
    senses: list[Sense] = []
    origins: list[tuple[int, int, Sense]] = []
    place = n_words = n_known = 0
    while place < len(tokens):
        if tokens[place].written in _MARKS:
            senses.append(Sense(STOP if tokens[place].written in _STOPS else PAUSE, ""))
            place += 1
            continue
        sense, taken = _expression(tokens, place, known)
        if sense is None:
            sense = _word(tokens, place, known, senses)
        if known.language == _GERMAN:
            sense = _german(tokens, place, known, sense)
        n_words += taken
        if sense is not None:
            n_known += taken
            origins.append((place, taken, sense))
            if known.language in PRO_DROP and _lacks_subject(sense, senses):
                senses.append(IT)
            if sense.english or sense.kind in "oc":
                senses.append(sense)
        elif tokens[place].written[0].isupper():
            senses.append(Sense("n", tokens[place].folded))  # perhaps a name: German writes all nouns so
        place += taken
    return Understood(senses, origins, n_words, n_known)


@lru_cache(maxsize=REMEMBERED)
def _token(written: str) -> Token:
    lower = written.lower().replace("ß", "ss")
    return Token(written, lower, fold(lower))


def _expression(tokens: Sequence[Token], place: int, known: Lexicon) -> tuple[Sense | None, int]:
    """The longest fixed expression that starts here, and its length in words."""
    expressions = known.expressions.get(tokens[place].folded)
    if expressions and place + 1 < len(tokens):
        following = tokens[place + 1].folded
        for rest, sense in expressions:
            end = place + 1 + len(rest)
            if rest[0] == following and rest == tuple(token.folded for token in tokens[place + 1 : end]):
                return sense, len(rest) + 1
    return None, 1


def _word(tokens: Sequence[Token], place: int, known: Lexicon, before: Sequence[Sense]) -> Sense | None:
    token = tokens[place]
    if token.folded.isdigit():
        return Sense("x", token.folded)
    senses = known.senses(token.lower, token.folded)
    if len(senses) > 1:
        return _likeliest(senses, tokens, place, known, before)
    if senses:
        return senses[0]
    starts = not before or before[-1].kind == STOP
    capital = token.written[0].isupper() and not starts
    if (capital and known.language != _GERMAN) or token.folded in english_words():
        return Sense("n", token.folded)
    guessed = _guessed(token.folded, known)
    return None if capital and guessed and guessed.kind not in NOUNS else guessed


def _german(tokens: Sequence[Token], place: int, known: Lexicon, sense: Sense | None) -> Sense | None:
    """The sense, or the adverb that an adjective without an ending is before another one: "fein eingebundene"
    → "finely integrated".
    """
    if sense is None or sense.kind != "a" or tokens[place].lower.endswith(ADJECTIVE_ENDINGS):
        return sense
    following = tokens[place + 1] if place + 1 < len(tokens) else tokens[place]
    described = following.written.islower() and any(
        each.kind in DESCRIBING for each in known.senses(following.lower, following.folded)
    )
    manner = adverb(sense.english)
    return Sense("r", manner) if described and manner in english_words() else sense


def _likeliest(
    senses: Sequence[Sense], tokens: Sequence[Token], place: int, known: Lexicon, before: Sequence[Sense]
) -> Sense:
    """The sense that the neighbouring words and, in German, the capital speak for."""
    previous = before[-1].kind if before else STOP
    described = next((sense.kind for sense in reversed(before) if sense.kind not in "arq"), STOP)
    order = _AFTER_VERB if previous == "v" else _AFTER_NOUN if described in "nf" else _FIRST
    if previous == "r":
        order = _AFTER_NOUN
    if known.language == _GERMAN:
        order = _FIRST if tokens[place].written[0].isupper() else "dopcaqrvgxnf"
    elif previous in "nf" and place + 1 < len(tokens) and _is_article(tokens[place + 1], known):
        order = "dopcv" + order
    if "q" in order and _is_preposition(tokens[place + 1 : place + 2], known):
        order = "q" + order
    return min(senses, key=lambda sense: order.find(sense.kind))


def _is_preposition(tokens: Sequence[Token], known: Lexicon) -> bool:
    return any(sense.kind == "p" for token in tokens for sense in known.senses(token.lower, token.folded)[:1])


def _lacks_subject(sense: Sense, before: Sequence[Sense]) -> bool:
    """Whether a verb in the third person begins a sentence."""
    first = sense.english.split(" ")[0]
    return sense.kind == "v" and first[-1:] == "s" and (not before or before[-1].kind == STOP)


def _is_article(token: Token, known: Lexicon) -> bool:
    return any(sense.kind == "d" for sense in known.senses(token.lower, token.folded))


def _guessed(word: str, known: Lexicon) -> Sense | None:
    """A word that the lexicon does not list: a compound, an umlaut written out, a slip of the pen."""
    if known.language == _GERMAN:
        for written, letter in (("", ""), *_UMLAUTS):
            plain = word.replace(written, letter) if written else word
            if written and plain == word:
                continue
            if plain in known.words:
                return known.words[plain][0]
            taken_apart = compound(plain)
            if taken_apart is not None:
                return taken_apart
    slip = corrected(word, known.language)
    return known.words[slip][0] if slip else None
