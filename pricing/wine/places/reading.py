"""What a name was read as."""

from __future__ import annotations

from typing import NamedTuple

from pricing.wine.places.keys import key


class ReadAs(NamedTuple):
    """A name of `field` that was `given` and read as another one, which the model knows."""

    field: str
    given: str
    used: str


class Unread(NamedTuple):
    """A name of `field` that means nothing to the model and is treated as not given.

    `known` is a name that may have been meant, to be asked about and never read by itself; "" for none.
    """

    field: str
    given: str
    known: str = ""


Fact = ReadAs | Unread


def facts_of(field: str, given: str, used: str | None) -> tuple[Fact, ...]:
    """What to say of a name: nothing where it was read as it stands, spellings apart."""
    if used is None:
        return (Unread(field, given),)
    return () if given == used or key(given) == key(used) else (ReadAs(field, given, used),)
