"""The tracker's database as PostgreSQL's own tools want it: no password on a command line."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

from configuration.postgresql import postgres_address


class ToolFailed(Exception):
    """One of PostgreSQL's programs is missing or failed; the message holds its last words."""


@dataclass(frozen=True, slots=True)
class Database:
    """`uri` carries no password; `password` goes to the tools through their environment."""

    uri: str
    password: str | None = field(repr=False)

    @classmethod
    def from_uri(cls, uri: str) -> Self:
        """Raises SettingsError."""
        address = postgres_address("BACKEND_STORE_URI", uri.replace("+psycopg2://", "://", 1))
        return cls(address.bare, address.password)

    def run(self, program: str, *arguments: str) -> str:
        """Run a PostgreSQL program on this database and return what it printed."""
        return run_tool([program, "--dbname", self.uri, *arguments], self.password)

    def tables(self) -> int:
        """How many tables the public schema holds."""
        query = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        return int(self.run("psql", "--no-psqlrc", "--tuples-only", "--no-align", "--command", query))


def run_tool(command: Sequence[str], password: str | None) -> str:
    if shutil.which(command[0]) is None:
        raise ToolFailed(f"{command[0]} is not installed: on Debian, apt-get install postgresql-client")
    env = dict(os.environ) | ({"PGPASSWORD": password} if password else {})
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ToolFailed(f"{command[0]} failed ({done.returncode}): {done.stderr.strip()[-2000:]}")
    return done.stdout
