"""What an error of publishing means: the database is away, its tables are gone, or it is the row."""

from __future__ import annotations

import ssl
from enum import Enum
from typing import Final

import asyncpg

PERMANENT_SQLSTATES: Final = ("22", "23", "54")
"""Classes of errors that no retry mends: data exceptions, violated constraints, limits of the server."""

_SCHEMA_SQLSTATES: Final = ("3F", "42P01", "42703", "42P10")
_BROKEN_OFF: Final = ("08", "53200", "57014", "57P01", "57P02", "57P03")
"""Lost connections, out of memory, cancelled: what a batch that is too much causes, and an outage too."""
_CATEGORIES: Final = {
    "08": "unreachable", "25": "read_only", "28": "credentials", "3D": "no_such_database", "3F": "tables",
    "42501": "permissions", "42": "tables", "53": "resources", "57": "unreachable", "58": "resources",
}  # fmt: skip


class Fault(Enum):
    """`AWAY`: wait. `SCHEMA`: migrate. `ROW`: find the row. `SUSPECT`: ask the database."""

    AWAY = "away"
    SCHEMA = "schema"
    ROW = "row"
    SUSPECT = "suspect"


def fault_of(error: Exception) -> Fault:
    """What to do about an error of an INSERT."""
    if not isinstance(error, asyncpg.PostgresError):
        return Fault.SUSPECT
    code = sqlstate(error)
    if code.startswith(PERMANENT_SQLSTATES):
        return Fault.ROW
    if code.startswith(_SCHEMA_SQLSTATES):
        return Fault.SCHEMA
    return Fault.SUSPECT if code.startswith(_BROKEN_OFF) else Fault.AWAY


def is_crash(error: Exception) -> bool:
    """Whether it is an error of ours, rather than something a database or a network does."""
    return not isinstance(error, (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError))


def category(error: Exception) -> str:
    """The error in one word that gives nothing away: for a page that anybody may read."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return "certificate"
    if isinstance(error, asyncpg.PostgresError):
        code = sqlstate(error)
        return next((word for start, word in _CATEGORIES.items() if code.startswith(start)), "refused")
    return "crashed" if is_crash(error) else "unreachable"


def sqlstate(error: Exception) -> str:
    """The SQLSTATE that the server gave, "" where there is none."""
    return str(getattr(error, "sqlstate", None) or "")
