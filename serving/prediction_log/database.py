"""The database of the logs: connections made when there is something to write, and closed when idle."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import asyncpg

from configuration.postgresql import postgres_address

UNREACHABLE: Final = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)
"""What a database that is down, restarting, out of space or misconfigured raises."""


class Database:
    """Connections made when there is something to say, and closed when there is not.

    No statement is cached (a pooler in transaction mode hands each transaction to another session), none is
    sent on release, and a connection that nobody uses is closed before the database's own suspension cuts it.
    """

    def __init__(self, uri: str, *, idle_seconds: float, connections: int = 3) -> None:
        self.address = postgres_address("NEON_URI", uri)
        self._idle_seconds = idle_seconds
        self._connections = connections
        self._pool: asyncpg.Pool | None = None

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection in a transaction. Raises one of UNREACHABLE."""
        pool = await self._opened()
        async with pool.acquire(timeout=10) as connection, connection.transaction():
            yield connection

    async def answers(self) -> bool:
        """Whether the database can be asked anything at all."""
        try:
            async with self.transaction() as connection:
                await connection.execute("SELECT 1")
        except UNREACHABLE:
            return False
        return True

    async def close(self) -> None:
        """Close every connection at once."""
        if self._pool is not None:
            pool, self._pool = self._pool, None
            pool.terminate()

    async def _opened(self) -> asyncpg.Pool:
        if self._pool is None:
            self._pool = await asyncpg.create_pool(
                self.address.dsn,
                min_size=0,
                max_size=self._connections,
                max_inactive_connection_lifetime=self._idle_seconds,
                statement_cache_size=0,
                timeout=10,
                command_timeout=30,
                reset=_keep_session,
                **self.address.tls(),
            )
        return self._pool


async def _keep_session(_: asyncpg.Connection) -> None:
    """Sessions change nothing outside transactions, so there is nothing to reset and no query to send."""
