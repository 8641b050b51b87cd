"""The database of the prediction log: one short connection for each question."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

import asyncpg

from configuration.postgresql import PostgresAddress
from flows.errors import DatabaseUnreachable

T = TypeVar("T")

_UNREACHABLE: Final = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)
_LONGEST: Final = 300


def ask(address: PostgresAddress, question: Callable[[Any], Awaitable[T]], *, failed: str, advice: str) -> T:
    """What `question` gets from a connection of its own. Raises DatabaseUnreachable.

    `failed` and `advice` are its message: what did not happen, and what to do.
    """
    try:
        return asyncio.run(_answered(address, question))
    except _UNREACHABLE as error:
        said = " ".join(str(error).split())[:_LONGEST]
        raise DatabaseUnreachable(f"{failed} ({type(error).__name__}: {said}). {advice}") from error


async def _answered(address: PostgresAddress, question: Callable[[Any], Awaitable[T]]) -> T:
    connection = await asyncpg.connect(
        address.dsn, timeout=15, command_timeout=120, statement_cache_size=0, **address.tls()
    )
    try:
        return await question(connection)
    finally:
        await connection.close(timeout=5)
