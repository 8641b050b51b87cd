"""Everything that can go wrong while serving.

ServingError
├── ModelRefused           a version of the registry cannot be served; the model in service stays
├── RegistryUnavailable    the registry cannot be asked; the model in service stays
├── OutboxUnusable         the folder of the outbox cannot be written
└── RequestRefused         a request gets no answer but a reason
    ├── BadRequest             its body cannot be read; carries every offending field
    ├── RequestTooLarge        its body, or its number of wines, is over the limit
    ├── Unauthorized           an API key is needed, and it is missing or wrong
    ├── Forbidden              a page of another site asks for something that it may not
    ├── UnsupportedMediaType   its body is not said to be JSON, or is compressed
    ├── TooManyRequests        its client is over the rate limit; carries the seconds to wait
    ├── MethodNotAllowed       the path exists, the method does not; carries those that do
    ├── Overloaded             the service has as much work as it can hold; carries the seconds to wait
    ├── ModelNotLoaded         nothing is loaded that could answer
    └── NotRecorded            what it sent could not be stored, and storing it was the point

`serving.payloads.problems` maps these to HTTP, in one place.
"""

from __future__ import annotations

from collections.abc import Sequence

from pricing.errors import FieldError


class ServingError(Exception):
    """Root of the errors that `serving` raises."""


class ModelRefused(ServingError):
    """A version of the registry cannot be served."""


class RegistryUnavailable(ServingError):
    """The registry cannot be asked, or does not give its files."""


class OutboxUnusable(ServingError):
    """The folder of the outbox cannot be written."""


class RequestRefused(ServingError):
    """A request gets no answer but a reason."""


class BadRequest(RequestRefused):
    """A request's body cannot be read."""

    def __init__(self, detail: str, errors: Sequence[FieldError] = ()) -> None:
        self.errors = tuple(errors)
        super().__init__(detail)


class RequestTooLarge(RequestRefused):
    """A request is over a limit of size."""


class Unauthorized(RequestRefused):
    """An API key is needed, and it is missing or wrong."""


class Forbidden(RequestRefused):
    """A page of another site asks for something that it may not."""


class UnsupportedMediaType(RequestRefused):
    """A body is not said to be JSON, or is compressed. `accept_encoding`: how it may be encoded."""

    def __init__(self, detail: str, accept_encoding: str = "") -> None:
        self.accept_encoding = accept_encoding
        super().__init__(detail)


class TooManyRequests(RequestRefused):
    """A client is over its rate limit."""

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__(f"This client is over its rate limit. Try again in {retry_after} s.")


class MethodNotAllowed(RequestRefused):
    """The path exists, the method does not."""

    def __init__(self, method: str, allowed: Sequence[str]) -> None:
        self.allowed = tuple(allowed)
        named = [one for one in self.allowed if one not in {"HEAD", "OPTIONS"}]
        super().__init__(f"{method} is not answered here; use {' or '.join(named)}.")


class Overloaded(RequestRefused):
    """The service has as much work as it can hold."""

    retry_after: int = 5


class ModelNotLoaded(RequestRefused):
    """Nothing is loaded that could answer."""


class NotRecorded(RequestRefused):
    """What was sent could not be stored."""
