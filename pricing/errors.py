"""Everything that can go wrong while pricing wine.

PricingError
├── DataError          the training or test data cannot be used; carries the reasons
├── InvalidParameter   a parameter of an estimator has a value that it cannot have
├── InvalidWine        a request's fields are malformed; carries every offending field
└── ArtefactError      a saved model cannot be used
    ├── UntrustedArtefact   it holds types that our code does not list, or its bytes were changed
    └── UnknownSchema       it was written by another schema version of `pricing`
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class PricingError(Exception):
    """Root of the errors that `pricing` raises."""


class DataError(PricingError, ValueError):
    """The data cannot be used. The message says what happened, why, and what to do next."""


class InvalidParameter(PricingError, ValueError):
    """A parameter of an estimator has a value that it cannot have."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """One offending field of a request: its name, and what was expected and came."""

    field: str
    message: str


class InvalidWine(PricingError):
    """A request's fields are malformed."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        self.errors = tuple(errors)
        super().__init__("; ".join(f"{error.field}: {error.message}" for error in self.errors))


class ArtefactError(PricingError):
    """A saved model cannot be used."""


class UntrustedArtefact(ArtefactError):
    """A saved model holds types that our code does not list, or its bytes are not those recorded."""


class UnknownSchema(ArtefactError):
    """A saved model was written by a schema version of `pricing` that this code does not know."""
