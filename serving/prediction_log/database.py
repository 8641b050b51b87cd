"""The database of the logs: a connection string as its provider gives it, and connections that idle well."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import asyncpg

from serving.errors import SettingsError

UNREACHABLE: Final = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)
"""What a database that is down, restarting, out of space or misconfigured raises."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where the database is: `dsn` holds a password and never prints; `name` is for people."""

    dsn: str = field(repr=False)
    name: str
    verify: bool


def target(uri: str) -> Target:
    """A connection string, verbatim from its provider's console, as asyncpg needs it.

    `channel_binding` is libpq's and unknown to asyncpg: where it is *required*, the server's
    certificate is verified instead, which is what channel binding is there to make up for.
    Raises SettingsError.
    """
    parts = urlsplit(uri)
    if parts.scheme not in {"postgres", "postgresql"}:
        example = "postgresql://user:password@host/database?sslmode=require"
        raise SettingsError(
            [f"NEON_URI: a PostgreSQL connection string was expected, for example NEON_URI={example}"]
        )
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    binding = query.pop("channel_binding", "prefer")
    verify = (
        binding == "require" and query.get("sslmode", "require") == "require" and "sslrootcert" not in query
    )
    dsn = urlunsplit(parts._replace(query=urlencode(query, quote_via=quote)))
    where = query.get("host") or parts.hostname or "localhost"
    return Target(dsn=dsn, name=f"{where}{parts.path}", verify=verify)


class Database:
    """Connections made when there is something to say, and closed when there is not.

    No statement is cached (a pooler in transaction mode hands each transaction to another session), none is
    sent on release, and a connection that nobody uses is closed before the database's own suspension cuts it.
    """

    def __init__(self, uri: str, *, idle_seconds: float, connections: int = 3) -> None:
        self.target = target(uri)
        self._idle_seconds = idle_seconds
        self._connections = connections
        self._pool: asyncpg.Pool | None = None

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection in a transaction. Raises one of UNREACHABLE."""
        pool = await self._opened()
        async with pool.acquire(timeout=10) as connection, connection.transaction():
            yield connection

    async def close(self) -> None:
        """Close every connection, politely at first."""
        if self._pool is not None:
            pool, self._pool = self._pool, None
            pool.terminate()

    async def _opened(self) -> asyncpg.Pool:
        if self._pool is None:
            extra = {"ssl": ssl.create_default_context()} if self.target.verify else {}
            self._pool = await asyncpg.create_pool(
                self.target.dsn,
                min_size=0,
                max_size=self._connections,
                max_inactive_connection_lifetime=self._idle_seconds,
                statement_cache_size=0,
                timeout=10,
                command_timeout=30,
                reset=_keep_session,
                **extra,
            )
        return self._pool


async def _keep_session(_: asyncpg.Connection) -> None:
    """Sessions change nothing outside transactions, so there is nothing to reset and no query to send."""
