"""Inflected forms of English words: plurals, verb forms, adverbs of translated adjectives.

`data/irregular.tsv` lists those that no rule gives; nouns that reviews do not count stay as they are.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final

_VOWELS: Final = "aeiou"


def plural(noun: str) -> str:
    """The plural of a noun or of a phrase that ends in one: `"black cherry"` → `"black cherries"`.

    What is a plural already (`"herbs"`) stays as it is.
    """
    head, _, last = noun.rpartition(" ")
    if singular(last) != last:
        return noun
    start = f"{head} " if head else ""
    return start + (_irregular("plural", last) or _with_s(last))


def singular(noun: str) -> str:
    """The singular of the last word of a phrase: `"black cherries"` → `"black cherry"`."""
    if noun.endswith("ies"):
        return noun[:-3] + "y"
    if noun.endswith(("ches", "shes", "xes", "oes")):
        return noun[:-2]
    return noun[:-1] if noun.endswith("s") and not noun.endswith(("ss", "us", "is", "ees")) else noun


def third_person(verb: str) -> str:
    """`"carry on"` → `"carries on"`."""
    first, rest = _parted(verb)
    return (_irregular("third", first) or _with_s(first)) + rest


def plural_person(verb: str) -> str:
    """The present tense with a plural: the verb itself, but "are"."""
    first, rest = _parted(verb)
    return (_irregular("present", first) or first) + rest


def present_participle(verb: str) -> str:
    """`"make"` → `"making"`."""
    first, rest = _parted(verb)
    stem = first[:-1] if first.endswith("e") and not first.endswith(("ee", "oe", "ye")) else first
    return (_irregular("participle", first) or stem + "ing") + rest


def past_participle(verb: str) -> str:
    """`"balance"` → `"balanced"`, `"give"` → `"given"`."""
    first, rest = _parted(verb)
    return (_irregular("past", first) or _regular_past(first)) + rest


def adverb(adjective: str) -> str:
    """`"light"` → `"lightly"`; phrases stay as they are."""
    if " " in adjective or adjective.endswith("ly"):
        return adjective
    if adjective.endswith("le"):
        return adjective[:-1] + "y"
    if adjective.endswith("y"):
        return adjective[:-1] + "ily"
    return adjective + ("ally" if adjective.endswith("ic") else "ly")


def _parted(verb: str) -> tuple[str, str]:
    """The verb, and what belongs to it with the space before: `"carry on"` → `"carry", " on"`."""
    first, space, rest = verb.partition(" ")
    return first, space + rest


def _regular_past(verb: str) -> str:
    if verb.endswith("e"):
        return verb + "d"
    return verb[:-1] + "ied" if verb.endswith("y") and verb[-2:-1] not in _VOWELS else verb + "ed"


def _with_s(word: str) -> str:
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return word + "es"
    if word.endswith("y") and word[-2:-1] not in _VOWELS:
        return word[:-1] + "ies"
    return word + "s"


def _irregular(form: str, word: str) -> str | None:
    return _irregular_forms().get((form, word))


@cache
def _irregular_forms() -> dict[tuple[str, str], str]:
    text = (files("pricing.wine.languages") / "data" / "irregular.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines()[1:])
    return {(form, word): english for word, form, english in rows}
