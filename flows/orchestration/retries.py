"""Which failures of a task are worth another try: those of networks and servers, never those of data."""

from __future__ import annotations

from typing import Any, Final

from aiohttp import ClientError as TransferError
from botocore.exceptions import HTTPClientError

from flows.errors import DatabaseUnreachable, DataUnavailable, TrackerUnreachable

SERVERS: Final = (DatabaseUnreachable, TrackerUnreachable)
_PASSING: Final = (TransferError, HTTPClientError, TimeoutError, ConnectionError)

IO: Final[dict[str, Any]] = {
    "retries": 2,
    "retry_delay_seconds": 5,
    "retry_condition_fn": lambda _task, _run, state: may_pass(state.result(raise_on_failure=False)),
}
"""Options of a task that reads or writes over a network."""


def may_pass(error: object) -> bool:
    """Whether a second try may end otherwise."""
    if isinstance(error, DataUnavailable):
        return error.__cause__ is None or isinstance(error.__cause__, _PASSING)
    return isinstance(error, SERVERS)
