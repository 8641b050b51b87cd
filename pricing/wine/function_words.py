"""Words that hold a sentence together and say nothing of a wine.

A note in whole sentences and a line of catchwords about the same wine must read alike: with these
words in it, a model would take the style of writing for a sign of the price.
"""

from __future__ import annotations

from typing import Final

_WORDS: Final = """
    a about after all also although an and any are as at be because been before being both but by can
    could d did do does doesn don down each either else for from had has have having he her here hers him
    his how however i if in into is isn it its itself just ll m may me might more most my no nor not now of
    off on once one only or other our out over own per quite rather re s she should since so some such t
    than that the their them then there these they this those though through thus to too under until up
    upon us ve very was we well were what when where which while who whose why will wine wines with within
    without would yet you your
"""

FUNCTION_WORDS: Final = frozenset(_WORDS.split())


def content_words(words: list[str]) -> list[str]:
    """The words, in order, without those of `FUNCTION_WORDS`."""
    return [word for word in words if word not in FUNCTION_WORDS]
