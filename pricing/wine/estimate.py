"""What is known of a wine's price after scoring: the figures, the warnings, the explanation."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec


@dataclass(frozen=True, slots=True)
class RequestWarning:
    """How the request was read, or what about it makes its price less trustworthy.

    `code` is stable and meant for programs, `message` is for people, `field` names the culprit,
    `suggestion` is a known name that may be meant, for a client that offers to correct the request. What
    was read as something else has the value that was `given` and the one `used`.
    """

    code: str
    field: str
    message: str
    suggestion: str | None = None
    given: str | None = None
    used: str | None = None


class Estimate(msgspec.Struct, frozen=True):
    """A price with its uncertainty.

    `price`, `low` and `high` are USD a bottle; `price` is the estimated geometric mean. `log_price` is
    natural log USD; `expected_error` is the expected absolute error of `log_price`.
    `coverage` is the share of wines whose price the interval is built to hold. `language` is the ISO 639
    code of the language that the note was read in: "en", "fr", "it", "es", "de"; "und" for another one and
    "" for no note, both of which are priced as without a note.
    """

    price: float
    low: float
    high: float
    coverage: float
    log_price: float
    expected_error: float
    warnings: tuple[RequestWarning, ...]
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Factor:
    """How much one term or field moved the price: `price` is multiplied by `factor`. Words of a note are in
    English, as the model knows them; `given` is what the note itself says, in another language.
    """

    field: str
    term: str
    factor: float
    given: str | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """`base_price` (USD) times all `factors` is the prediction, within rounding."""

    base_price: float
    factors: tuple[Factor, ...]
