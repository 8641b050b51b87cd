"""Inflected forms of English words: plurals, verb forms, adverbs, superlatives of translated adjectives."""

from __future__ import annotations

from typing import Final

_PLURALS: Final = {
    "leaf": "leaves", "loaf": "loaves", "knife": "knives", "foot": "feet", "tooth": "teeth", "life": "lives",
    "man": "men", "woman": "women", "half": "halves", "shelf": "shelves", "person": "people", "fish": "fish",
    "child": "children", "series": "series", "seafood": "seafood", "fruit": "fruits",
}  # fmt: skip
_UNCOUNTED: Final = frozenset(
    "acidity freshness richness depth length spice pepper toast smoke leather tobacco citrus meat wood earth "
    "chocolate honey licorice anise mint cinnamon vanilla game pork beef lamb poultry pasta rice bread "
    "minerality structure ripeness balance finesse elegance cassis mocha coffee tea espresso".split()
)
_PAST: Final = {
    "be": "been", "become": "become", "begin": "begun", "bring": "brought", "build": "built", "buy": "bought", "come": "come",
    "cut": "cut", "do": "done", "drink": "drunk", "drive": "driven", "eat": "eaten", "feel": "felt",
    "find": "found", "forget": "forgotten", "get": "got", "give": "given", "go": "gone", "grow": "grown",
    "have": "had", "hide": "hidden", "hold": "held", "keep": "kept", "know": "known", "lead": "led",
    "leave": "left", "let": "let", "lose": "lost", "make": "made", "melt": "melted", "put": "put", "rise": "risen",
    "say": "said", "see": "seen", "sell": "sold", "set": "set", "show": "shown", "spread": "spread",
    "spring": "sprung", "stand": "stood", "take": "taken", "tell": "told", "think": "thought", "weave": "woven",
    "wear": "worn", "win": "won", "write": "written", "open": "opened", "offer": "offered", "linger": "lingered",
    "deliver": "delivered", "develop": "developed", "temper": "tempered", "soften": "softened", "layer": "layered",
    "age": "aged", "evolve": "evolved", "underline": "underlined", "overshadow": "overshadowed",
    "understand": "understood", "speak": "spoken", "choose": "chosen", "fall": "fallen", "seek": "sought",
    "draw": "drawn", "burst": "burst", "cost": "cost", "hit": "hit", "sit": "sat", "spend": "spent",
    "benefit": "benefited", "enter": "entered", "wander": "wandered", "flower": "flowered", "finish": "finished",
}  # fmt: skip
_THIRD: Final = {"be": "is", "have": "has", "do": "does", "go": "goes", "will": "will", "can": "can", "may": "may"}
_DOUBLED: Final = frozenset({"get", "let", "put", "set", "cut", "wrap", "blend in", "sip", "tap", "begin", "plan",
                             "run", "hit", "stop", "drop", "sit", "win", "knit", "trim", "hum", "fit"})  # fmt: skip
_VOWELS: Final = "aeiou"


def plural(noun: str) -> str:
    """The plural of a noun or of a phrase that ends in one: `"black cherry"` → `"black cherries"`."""
    head, _, last = noun.rpartition(" ")
    start = f"{head} " if head else ""
    return start + (_PLURALS.get(last) or (last if last in _UNCOUNTED else _with_s(last)))


def plural_person(verb: str) -> str:
    """The present tense with a plural: the verb itself, but "are"."""
    return "are" if verb == "be" else verb


def third_person(verb: str) -> str:
    """`"carry on"` → `"carries on"`."""
    first, _, rest = verb.partition(" ")
    form = _THIRD.get(first) or _with_s(first)
    return f"{form} {rest}" if rest else form


def present_participle(verb: str) -> str:
    """`"make"` → `"making"`."""
    first, _, rest = verb.partition(" ")
    if first.endswith("e") and not first.endswith(("ee", "oe", "ye")) and first != "be":
        form = first[:-1] + "ing"
    else:
        form = (first + first[-1] if first in _DOUBLED else first) + "ing"
    return f"{form} {rest}" if rest else form


def past_participle(verb: str) -> str:
    """`"balance"` → `"balanced"`, `"give"` → `"given"`."""
    first, _, rest = verb.partition(" ")
    form = _PAST.get(first) or _regular_past(first)
    return f"{form} {rest}" if rest else form


def adverb(adjective: str) -> str:
    """`"light"` → `"lightly"`; phrases stay as they are."""
    if " " in adjective or adjective.endswith("ly"):
        return adjective
    if adjective.endswith("le"):
        return adjective[:-1] + "y"
    if adjective.endswith("y"):
        return adjective[:-1] + "ily"
    return adjective + ("ally" if adjective.endswith("ic") else "ly")


def _regular_past(verb: str) -> str:
    if verb.endswith("e"):
        return verb + "d"
    if verb.endswith("y") and verb[-2:-1] not in _VOWELS:
        return verb[:-1] + "ied"
    return (verb + verb[-1] if verb in _DOUBLED else verb) + "ed"


def _with_s(word: str) -> str:
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return word + "es"
    if word.endswith("y") and word[-2:-1] not in _VOWELS:
        return word[:-1] + "ies"
    if word.endswith("o") and word in {"tomato", "potato", "mango"}:
        return word + "es"
    return word + "s"
