"""The answer of `GET /health`. `last_error` is there for holders of a key alone.

`advice` is there where a setting is missing: its name and what to set it to.
"""

from __future__ import annotations

import msgspec
from msgspec import UNSET, UnsetType


class ModelHealth(msgspec.Struct, frozen=True):
    """Where the model in service came from, and since when it answers."""

    source: str
    loaded_at: str
    synthetic_data: bool


class RegistryHealth(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the registry answers, and which version its alias names."""

    status: str
    wanted_version: str | None = None
    problem: str | None = None
    load_failures: int = 0
    advice: str | UnsetType = UNSET
    last_error: str | UnsetType | None = UNSET


class DatabaseHealth(msgspec.Struct, frozen=True, kw_only=True):
    """Whether rows reach the database, as of the last attempt."""

    status: str
    problem: str | None = None
    crashes: int = 0
    advice: str | UnsetType = UNSET
    last_error: str | UnsetType | None = UNSET


class OutboxHealth(msgspec.Struct, frozen=True, kw_only=True):
    """Rows that wait for the database, and what became of the others."""

    rows: int
    held: int
    oldest_seconds: float
    published: int
    dropped: int
    dead_letters: int
    durable: bool


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """The state of the service."""

    status: str
    model_name: str | None
    model_version: str | None
    release: str
    model: ModelHealth | None
    registry: RegistryHealth
    database: DatabaseHealth
    outbox: OutboxHealth
