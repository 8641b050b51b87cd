"""Parameters that are true or false, as clients write them: Python's requests sends `True`."""

from __future__ import annotations

from typing import Final

from pricing.errors import FieldError
from serving.errors import BadRequest

_VALUES: Final = {
    **dict.fromkeys(("true", "1", "yes", "on"), True),
    **dict.fromkeys(("false", "0", "no", "off"), False),
}


def flag(name: str, value: str) -> bool:
    """The value of a parameter. Raises BadRequest."""
    known = _VALUES.get(value.strip().lower())
    if known is None:
        error = FieldError(name, f"expected true or false, got {value[:40]!r}")
        raise BadRequest(f"{error.field}: {error.message}.", [error])
    return known
